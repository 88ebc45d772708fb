namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Tests that seed the one generator of the process run alone.</summary>
[CollectionDefinition(nameof(GlobalGenerator), DisableParallelization = true)]
public sealed class GlobalGenerator;
