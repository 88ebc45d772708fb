using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>What a question makes of a picture.</summary>
/// <param name="Joint">What was seen, together with the question <c>[B,W]</c>.</param>
/// <param name="Maps">Where was looked, each map summing to 1 <c>[B,G,h,w]</c>.</param>
public sealed record PictureGlimpses(Tensor Joint, Tensor Maps);
