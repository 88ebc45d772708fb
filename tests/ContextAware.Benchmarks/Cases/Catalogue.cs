namespace ContextAware.Benchmarks.Cases;

/// <summary>All cases, in the order of the report.</summary>
internal static partial class Catalogue
{
    public static IReadOnlyList<Case> All { get; } =
    [
        .. MachineLimits.Cases,
        .. TinyCalls.Cases,
        .. AttentionCases.Cases,
        .. TransformerCases.Cases,
        .. Seq2SeqCases.Cases,
        .. GenerationCases.Cases,
        .. VisionCases.Cases,
    ];

    /// <summary>The same work done by TorchSharp's own modules; empty over the stand-in, which has none.</summary>
    public static IReadOnlyList<Case> TorchSharp { get; } = MakeTorchSharpCases();

    public static Case? Find(string name) => All.FirstOrDefault(c => c.Name == name);

    static partial void AddTorchSharpCases(List<Case> cases);

    private static List<Case> MakeTorchSharpCases()
    {
        List<Case> cases = [];
        AddTorchSharpCases(cases);
        return cases;
    }
}
