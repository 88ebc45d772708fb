using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ContextAware.Interop;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace TinyStories.Llama2c;

/// <summary>
/// A model in the llama2.c v0 layout, under Llama's names: seven int32 of sizes, then float32 tensors, those of all layers side by
/// side. Opening reads and checks the sizes only; a tensor is read when it is asked for.
/// </summary>
/// <remarks>
/// The file is not trusted: its length must be what its sizes say, to the byte, so no more memory is taken than the file has.
/// Rotary positions lie in interleaved pairs.
/// </remarks>
public sealed class Llama2cFile : IWeightSource, IDisposable
{
    private const int HeaderInts = 7;
    private const int FloatBytes = 4;

    private readonly SafeFileHandle file;
    private readonly Dictionary<string, long> offsets = [];
    private readonly Dictionary<string, WeightEntry> entries = [];

    private Llama2cFile(string path)
    {
        FileName = path;
        file = File.OpenHandle(path, share: FileShare.ReadWrite);
        try
        {
            Sizes = ReadSizes();
            var end = Lay(HeaderInts * sizeof(int));
            var length = RandomAccess.GetLength(file);
            if (end != length) throw Error($"the sizes in its header ask for {end} bytes, but it has {length}");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The path that was opened.</summary>
    public string FileName { get; }

    /// <summary>The sizes of the model.</summary>
    public Llama2cSizes Sizes { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightEntry> Entries => entries;

    /// <summary>Opens a file and checks its sizes.</summary>
    /// <exception cref="InvalidDataException">The file breaks the layout.</exception>
    /// <exception cref="IOException">The file can't be opened.</exception>
    public static Llama2cFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(path);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be read any more.</exception>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null)
    {
        if (!entries.TryGetValue(name, out var entry)) throw new KeyNotFoundException($"{FileName} has no tensor '{name}'.");
        using var scope = NewDisposeScope();
        var stored = empty([.. entry.Shape], float32, CPU);
        ReadExactly(offsets[name], stored.bytes);
        return stored.to(dtype ?? float32, device ?? CPU).MoveToOuterDisposeScope();
    }

    /// <summary>Closes the file. Tensors that were read stay valid.</summary>
    public void Dispose() => file.Dispose();

    private Llama2cSizes ReadSizes()
    {
        var length = RandomAccess.GetLength(file);
        if (length < HeaderInts * sizeof(int)) throw Error($"it has {length} bytes, too few for a header of {HeaderInts * sizeof(int)}");
        Span<int> header = stackalloc int[HeaderInts];
        ReadExactly(0, MemoryMarshal.AsBytes(header));
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(header, header);
        string[] names = ["width", "hidden width", "number of layers", "number of heads", "number of key-value heads", "vocabulary", "context"];
        for (var i = 0; i < HeaderInts; i++)
        {
            var mayBeNegative = names[i] == "vocabulary";
            if (header[i] == 0 || (header[i] < 0 && !mayBeNegative)) throw Error($"its {names[i]} is {header[i]}");
        }

        var sizes = new Llama2cSizes(header[0], header[1], header[2], header[3], header[4], Math.Abs((long)header[5]), header[6], header[5] > 0);
        if (sizes.Width % sizes.Heads != 0) throw Error($"its {sizes.Heads} heads do not divide its width of {sizes.Width}");
        if (sizes.Heads % sizes.KeyValueHeads != 0) throw Error($"its {sizes.KeyValueHeads} key-value heads do not divide its {sizes.Heads} heads");
        if (sizes.HeadWidth % 2 != 0) throw Error($"its head width of {sizes.HeadWidth} is odd, and rotary positions take pairs");
        // A layer has some floats: a number of layers that the file has no room for would fill the memory with names.
        if (sizes.Layers > length) throw Error($"its number of layers, {sizes.Layers}, is above its length in bytes");
        return sizes;
    }

    // Gives every tensor its place, in the layout's order, and returns where the file should end.
    private Int128 Lay(Int128 at)
    {
        var (s, limit) = (Sizes, (Int128)RandomAccess.GetLength(file));
        Add("model.embed_tokens.weight", [s.Vocabulary, s.Width]);
        AddLayers("input_layernorm.weight", [s.Width]);
        AddLayers("self_attn.q_proj.weight", [s.Width, s.Width]);
        AddLayers("self_attn.k_proj.weight", [s.KeyWidth, s.Width]);
        AddLayers("self_attn.v_proj.weight", [s.KeyWidth, s.Width]);
        AddLayers("self_attn.o_proj.weight", [s.Width, s.Width]);
        AddLayers("post_attention_layernorm.weight", [s.Width]);
        AddLayers("mlp.gate_proj.weight", [s.HiddenWidth, s.Width]);
        AddLayers("mlp.down_proj.weight", [s.Width, s.HiddenWidth]);
        AddLayers("mlp.up_proj.weight", [s.HiddenWidth, s.Width]);
        Add("model.norm.weight", [s.Width]);
        at += (Int128)s.Context * s.HeadWidth * FloatBytes;     // tables of cosines and sines, which are made anew
        if (!s.TiedHead) Add("lm_head.weight", [s.Vocabulary, s.Width]);
        return at;

        void AddLayers(string name, long[] shape)
        {
            for (var layer = 0L; layer < s.Layers; layer++) Add($"model.layers.{layer}.{name}", shape);
        }

        void Add(string name, long[] shape)
        {
            var bytes = shape.Aggregate((Int128)FloatBytes, (product, size) => product * size);
            if (at + bytes > limit) throw Error($"it ends within '{name}', or its sizes are wrong");
            offsets.Add(name, (long)at);
            entries.Add(name, new(ScalarType.Float32, shape));
            at += bytes;
        }
    }

    private void ReadExactly(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(file, destination, offset);
            if (read == 0) throw Error($"it ends at byte {offset}");
            offset += read;
            destination = destination[read..];
        }
    }

    private InvalidDataException Error(string problem) => new($"{FileName} is no llama2.c model: {problem}.");
}
