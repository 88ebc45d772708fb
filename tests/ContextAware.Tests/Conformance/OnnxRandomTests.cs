using ContextAware.Attention;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>
/// More cases of the ONNX Attention operator than the standard publishes: any of its attributes and inputs together,
/// against loops written from its text.
/// </summary>
public class OnnxRandomTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.Float64, 1e-10)]
    [InlineData(ScalarType.Float16, 4e-3)]
    [InlineData(ScalarType.BFloat16, 3e-2)]
    public void Any_node_gives_what_the_text_of_the_standard_says(ScalarType type, double tolerance) => RandomCases.Run(250, random =>
    {
        var node = Node.Draw(random, type);
        var attention = OnnxAttention.Of(node.Inputs, node.Attributes);
        var (output, stages) = node.Reference.Compute();
        foreach (var path in attention.Paths)
        {
            var actual = attention.Output(path);
            TensorAssert.Type(type, actual);
            TensorAssert.Close(output, actual, tolerance, tolerance, $"Y ({path})");
        }
        for (var mode = 0; mode < 4; mode++)
            TensorAssert.Close(stages[mode], attention.Stage(mode), tolerance, tolerance, $"qk_matmul_output, mode {mode}");
    }, seed: 5);

    /// <summary>What comes in, in the node's own layout, and the same for the loops.</summary>
    private sealed record Node(Tensor?[] Inputs, Dictionary<string, double> Attributes, OnnxReference Reference)
    {
        internal static Node Draw(RandomCase random, ScalarType type)
        {
            var (batch, groups) = (random.Size("B", 3), random.Size("G", 3));
            var heads = groups * random.Pick("R", 1L, 1, 3);
            var (queries, fresh) = (random.Size("T", 7), random.Size("S", 7));
            var (width, valueWidth) = (random.Size("E", 7), random.Size("V", 7));
            var cache = random.Pick("cache", "none", "past", "lengths");
            var past = cache == "past" ? random.Size("P", 5, zero: true) : 0;
            var keys = past + fresh;
            Tensor Numbers(params long[] shape) => random.Normal(shape).to(type);

            var query = Numbers(batch, heads, queries, width);
            var (key, value) = (Numbers(batch, groups, fresh, width), Numbers(batch, groups, fresh, valueWidth));
            var (pastKey, pastValue) = (Numbers(batch, groups, past, width), Numbers(batch, groups, past, valueWidth));
            var lengths = tensor((long[])[.. Enumerable.Range(0, (int)batch).Select(_ => random.Random.NextInt64(keys + 1))]);
            var mask = Mask(random, type, batch, heads, queries, keys);
            var flat = random.Flag("3-D");
            Dictionary<string, double> attributes = [];
            if (flat)
                (attributes["q_num_heads"], attributes["kv_num_heads"]) = (heads, groups);
            if (random.Flag("causal"))
                attributes["is_causal"] = 1;
            if (random.Flag("scaled"))
                attributes["scale"] = random.Number("scale", 0.01, 1);
            if (random.Flag("capped"))
                attributes["softcap"] = random.Number("softcap", 0.5, 4);
            (attributes["left_window_size"], attributes["right_window_size"]) = (random.Pick("left", -1L, -1, 0, 2), random.Pick("right", -1L, -1, 0, 1));

            Tensor Layout(Tensor tensor) => flat ? Heads.Combine(tensor) : tensor;
            Tensor?[] inputs =
            [
                Layout(query), Layout(key), Layout(value), mask, cache == "past" ? pastKey : null, cache == "past" ? pastValue : null, cache == "lengths" ? lengths : null,
            ];
            return new(inputs, attributes, new()
            {
                Query = TensorArrays.Hypercube(query),
                Key = TensorArrays.Hypercube(cat([pastKey, key], 2)),
                Value = TensorArrays.Hypercube(cat([pastValue, value], 2)),
                Mask = Reader(mask),
                Past = cache == "past" ? (int)past : null,
                Lengths = cache == "lengths" ? [.. lengths.data<long>()] : null,
                Causal = attributes.ContainsKey("is_causal"),
                Left = (long)attributes["left_window_size"],
                Right = (long)attributes["right_window_size"],
                Scale = attributes.TryGetValue("scale", out var scale) ? scale : null,
                Softcap = attributes.GetValueOrDefault("softcap"),
            });
        }

        /// <summary>One to four dimensions, of which some are 1, and a last one that may be short.</summary>
        private static Tensor? Mask(RandomCase random, ScalarType type, long batch, long heads, long queries, long keys)
        {
            var kind = random.Pick("mask", "none", "bool", "float", "−∞", "integers");
            if (kind == "none")
                return null;
            long[] full = [random.Flag("mask B") ? batch : 1, random.Flag("mask H") ? heads : 1, random.Flag("mask T") ? queries : 1, random.Flag("short") ? Math.Max(1, keys - 2) : keys];
            var shape = full[random.Pick("mask without", 0, 1, 2, 3)..];
            return kind switch
            {
                "bool" => random.Mask(0.6, shape),
                "float" => random.Normal(shape).to(type),
                "integers" => random.Mask(0.5, shape).to(int32),
                _ => random.Normal(shape).masked_fill(random.Mask(0.3, shape), double.NegativeInfinity).to(type),
            };
        }

        /// <summary>Reads it as the standard broadcasts: from the right, and −∞ where it ends early.</summary>
        private static Func<int, int, int, int, double> Reader(Tensor? mask)
        {
            if (mask is null)
                return (_, _, _, _) => 0;
            var (shape, numbers, isBool) = (mask.shape, TensorArrays.Flat(mask), mask.dtype == ScalarType.Bool);
            return (b, h, t, s) =>
            {
                if (s >= shape[^1])
                    return double.NegativeInfinity;
                int[] index = [b, h, t, s];
                long position = 0;
                for (var i = 0; i < shape.Length; i++)
                    position = (position * shape[i]) + (shape[i] == 1 ? 0 : index[4 - shape.Length + i]);
                return !isBool ? numbers[position] : numbers[position] == 1 ? 0 : double.NegativeInfinity;
            };
        }
    }
}
