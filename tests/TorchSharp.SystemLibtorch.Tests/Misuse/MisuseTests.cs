using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Misuse;

/// <summary>
/// Calls every method of the stand-in with arguments that are mostly wrong: sizes that are negative or huge, types and shapes that
/// do not fit, disposed tensors, nulls, indices out of range. Each call must give a result or a .NET exception, and leave no tensor
/// behind. The process must live: before each call its line is written to last-misuse.txt beside this assembly, which is there
/// to read after a crash.
/// </summary>
[Collection(nameof(RunAlone))]
public class MisuseTests
{
    private const int CallsForEachMethod = 6;

    // They change the whole process, or are about files and raw memory.
    private static readonly string[] s_leftOut =
    [
        "set_", "save", "load", "Save", "Load", "UnsafeCreate", "Decouple", "manual_seed", "seed", "initial_seed", "synchronize",
        "from_file", "NewDisposeScope", "use_deterministic", "InitializeDevice", "TryInitialize", "print", "enable_grad", "no_grad", "inference_mode",
    ];

    private static readonly string s_log = Path.Combine(AppContext.BaseDirectory, "last-misuse.txt");

    public static TheoryData<string, int> Groups
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var group in new[] { "torch", "tensor", "functional", "modules" })
                for (var seed = 1; seed <= 2; seed++)
                    data.Add(group, seed);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void A_misused_method_throws_and_never_crashes(string group, int seed)
    {
        Assert.SkipWhen(Provider.IsPublished, "The stand-in is on trial here.");
        MethodInfo[] methods = [.. Methods(group)];
        Assert.NotEmpty(methods);
        var arguments = new RandomArguments(new Random(seed));
        List<string> faults = [];
        using var log = new FileStream(s_log, FileMode.Create, FileAccess.Write, FileShare.Read, 1, FileOptions.DeleteOnClose);
        foreach (var method in methods)
            for (var i = 0; i < CallsForEachMethod; i++)
            {
                var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
                var line = Call(arguments, method, faults, log, $"{group}, seed {seed}");
                var left = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
                // A constructor that throws leaves its parameters to their finalizers; DetachFromDisposeScope and its like leave theirs on purpose.
                if (left != 0 && group != "modules" && !method.Name.EndsWith("DisposeScope", StringComparison.Ordinal))
                    faults.Add($"{line}: {left} tensors left behind");
            }

        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults.Take(30))}");
    }

    // A call that makes a module goes on to call the module.
    private static string Call(RandomArguments arguments, MethodInfo method, List<string> faults, FileStream log, string where)
    {
        using var scope = NewDisposeScope();
        var self = method.IsStatic ? ("", null) : arguments.For(method.DeclaringType!);
        var (line, result) = Try(arguments, method, self, faults, log, where);
        using var module = result as nn.Module;
        foreach (var forward in module is null ? [] : Callable(module.GetType().GetMethods()).Where(m => m.Name is "forward" or "call"))
            Try(arguments, forward, ("", module), faults, log, line);
        return line;
    }

    private static (string Line, object? Result) Try(RandomArguments random, MethodBase method, (string Text, object? Value) self, List<string> faults, FileStream log, string where)
    {
        var inputs = method.GetParameters().Select(random.For).ToArray();
        var line = $"{where}: {self.Text} {method.DeclaringType}.{method.Name}({string.Join("; ", inputs.Select(input => input.Text))})";
        log.SetLength(0);
        log.Write(Encoding.UTF8.GetBytes(line));
        log.Flush();
        try
        {
            return (line, method.Invoke(self.Value, [.. inputs.Select(input => input.Value)]));
        }
        catch (TargetException) when (self.Value is null)
        {
            return (line, null);
        }
        catch (TargetInvocationException e)
        {
            if (!IsExpected(e.InnerException!))
                faults.Add($"{line}: {e.InnerException}");
            return (line, null);
        }
    }

    private static bool IsExpected(Exception e) => e is ExternalException or ArgumentException or InvalidOperationException
        or NullReferenceException or NotSupportedException or NotImplementedException or IndexOutOfRangeException or OverflowException;

    private static IEnumerable<MethodInfo> Methods(string group)
    {
        var (types, binding) = group switch
        {
            "torch" => (new[] { typeof(torch), typeof(TensorExtensionMethods) }, BindingFlags.Static),
            "tensor" => ([typeof(Tensor)], BindingFlags.Instance | BindingFlags.Static),
            "functional" => ([typeof(nn.functional), typeof(nn.init), typeof(nn.utils), typeof(nn.utils.rnn)], BindingFlags.Static),
            _ => (new[] { typeof(nn) }, BindingFlags.Static),
        };
        return Callable(types.SelectMany(type => type.GetMethods(binding | BindingFlags.Public | BindingFlags.DeclaredOnly)));
    }

    private static IEnumerable<MethodInfo> Callable(IEnumerable<MethodInfo> methods) => methods
        .Where(method => !method.ContainsGenericParameters && !s_leftOut.Any(word => method.Name.StartsWith(word, StringComparison.Ordinal)))
        .Where(method => !method.ReturnType.IsByRefLike && method.GetParameters().All(parameter => RandomArguments.Know(parameter.ParameterType)))
        .OrderBy(method => method.ToString(), StringComparer.Ordinal);
}
