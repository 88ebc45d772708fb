using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>An entry and where its bytes lie, both counted from the start of the file.</summary>
internal sealed record SafetensorsEntry(ScalarType Type, long[] Sizes, long Offset, long Length)
    : WeightEntry(Type, Sizes);
