namespace Pictures;

/// <summary>Something the user can put right: shown as one line, without a stack trace.</summary>
public sealed class UserException : Exception
{
    /// <summary>An error with a message for the user.</summary>
    public UserException(string message) : base(message)
    {
    }

    /// <summary>An error with a message for the user, and what caused it.</summary>
    public UserException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>An error without a message.</summary>
    public UserException()
    {
    }
}
