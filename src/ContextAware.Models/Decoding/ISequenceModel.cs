using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>A model that writes a target symbol by symbol: what the decoders of this folder need to know.</summary>
public interface ISequenceModel
{
    /// <summary>Reads sources and gets ready to write, one row for each.</summary>
    /// <param name="source"><c>[B,S]</c> int64.</param>
    /// <param name="sourceLengths"><c>[B]</c> int64 on the CPU.</param>
    DecodingSession Start(Tensor source, Tensor sourceLengths);
}
