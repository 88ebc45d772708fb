namespace ContextAware.Tests.Interop;

/// <summary>Tests that watch libtorch's one source of random numbers run while no other test draws from it.</summary>
[CollectionDefinition(nameof(GlobalRandomNumbers), DisableParallelization = true)]
public class GlobalRandomNumbers;
