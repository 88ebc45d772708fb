namespace ContextAware.Tests.BadInput;

/// <summary>What kind of mistake a caller makes, and with it the exception's exact type.</summary>
internal enum Mistake
{
    /// <summary><see cref="ArgumentNullException"/>.</summary>
    Null,

    /// <summary><see cref="ArgumentOutOfRangeException"/>.</summary>
    OutOfRange,

    /// <summary><see cref="ArgumentException"/>: a shape, a type, a device.</summary>
    Misfit,
}

/// <summary>One mistake in one argument of one member.</summary>
/// <param name="Member">The constructor (".ctor"), method or settable property.</param>
/// <param name="Mistake">Its kind.</param>
/// <param name="Parameter">The argument that is wrong.</param>
/// <param name="Fragments">What the message must hold: what was expected, what came.</param>
/// <param name="Call">Makes the mistake.</param>
internal sealed record BadInput(string Member, Mistake Mistake, string Parameter, string[] Fragments, Func<object?> Call)
{
    /// <summary>The name that the exception must give, where it isn't the argument's: a mask names what it was made from.</summary>
    public string? Named { get; init; }
}
