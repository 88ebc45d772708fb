using Examples.Common;

namespace Scan.Language;

/// <summary>A published division of SCAN: Lake and Baroni 2018 (arXiv 1711.00350).</summary>
/// <param name="Train">Learned from.</param>
/// <param name="Dev">Held out of the training commands, for every choice.</param>
/// <param name="Test">For the final figure.</param>
public sealed record ScanSplit(IReadOnlyList<CommandPair> Train, IReadOnlyList<CommandPair> Dev, IReadOnlyList<CommandPair> Test)
{
    private const int DevPercent = 5;

    private static readonly Dictionary<string, (string Train, string Test)> Files = new(StringComparer.Ordinal)
    {
        ["simple"] = ("simple_split/tasks_train_simple.txt", "simple_split/tasks_test_simple.txt"),
        ["length"] = ("length_split/tasks_train_length.txt", "length_split/tasks_test_length.txt"),
        ["add-jump"] = ("add_prim_split/tasks_train_addprim_jump.txt", "add_prim_split/tasks_test_addprim_jump.txt"),
        ["add-turn-left"] = ("add_prim_split/tasks_train_addprim_turn_left.txt", "add_prim_split/tasks_test_addprim_turn_left.txt"),
    };

    /// <summary>The names of the divisions.</summary>
    public static string[] Names => [.. Files.Keys];

    /// <summary>Reads a division.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="data">The folder of SCAN's files.</param>
    /// <exception cref="UserException">A file can't be read or has a line that is no command.</exception>
    public static ScanSplit Read(string name, ScanData data)
    {
        var (train, test) = Files[name];
        var pairs = Parse(data.Find(train));
        // By a hash of the command, so that a command that comes many times is on one side. Commands of one word stay in
        // training: a primitive that is never seen can't be learned.
        bool IsHeldOut(CommandPair pair) => pair.Words.Count > 1 && StableHash.Percent(pair.Command) < DevPercent;
        return new([.. pairs.Where(pair => !IsHeldOut(pair))], [.. pairs.Where(IsHeldOut)], Parse(data.Find(test)));
    }

    private static List<CommandPair> Parse(string path) => FileErrors.Guard($"read {path}", () =>
        File.ReadLines(path).Select((line, index) => CommandPair.Parse(line)
            ?? throw new UserException($"{path}, line {index + 1}: expected IN: words OUT: actions, found '{(line.Length > 60 ? line[..57] + "..." : line)}'.")).ToList());
}
