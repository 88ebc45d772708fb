using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>A model that writes a target symbol by symbol: what the decoders of this folder need to know.</summary>
public interface ISequenceModel
{
    /// <summary>Reads sources and gets ready to write, one row for each.</summary>
    /// <param name="source">What is read, a row each: symbols <c>[B,S]</c> int64, or pictures <c>[B,C,H,W]</c>, as the model wants it.</param>
    /// <param name="sourceLengths">How many symbols of a row count, or how many places a picture has: <c>[B]</c> int64 on the CPU.</param>
    DecodingSession Start(Tensor source, Tensor sourceLengths);
}
