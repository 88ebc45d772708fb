namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Where TorchSharp 0.107 differs from PyTorch. The stand-in does as PyTorch does.</summary>
internal static class PublishedFaults
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["group_norm"] = "TorchSharp 0.107 leaves the weights of GroupNorm uninitialised.",
        ["hardtanh"] = "TorchSharp 0.107 gives back the input of hardtanh as it is.",
        ["lstm_cell_without_state"] = "TorchSharp 0.107 throws where an LSTMCell is given no state.",
        ["parameter_count"] = "TorchSharp 0.107 counts a tensor that a parameter takes over as still there.",
        ["trunc_normal"] = "TorchSharp 0.107 multiplies by the mean and adds the deviation.",
        ["xavier_normal"] = "TorchSharp 0.107 draws xavier_normal_ from the uniform distribution.",
    };

    public static void Skip(string name) => Assert.SkipWhen(Provider.IsPublished && Known.ContainsKey(name), Known.GetValueOrDefault(name, ""));
}
