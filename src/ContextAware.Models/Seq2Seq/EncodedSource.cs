using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>What an encoder makes of a batch of sources.</summary>
/// <param name="Output">The top layer at every position <c>[B,S,W]</c>; zero where there is padding.</param>
/// <param name="State">
/// Each layer's last state <c>[L,B,H]</c>; with two directions, forward and backward alternate and L counts both.
/// </param>
public sealed record EncodedSource(Tensor Output, RecurrentState State);
