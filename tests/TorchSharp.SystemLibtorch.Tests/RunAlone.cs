namespace TorchSharp.SystemLibtorch.Tests;

/// <summary>Tests that seed the process's one generator, or watch its memory, run alone.</summary>
[CollectionDefinition(nameof(RunAlone), DisableParallelization = true)]
public sealed class RunAlone;
