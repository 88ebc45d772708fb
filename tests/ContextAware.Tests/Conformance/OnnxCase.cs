using System.Buffers.Binary;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Conformance;

/// <summary>A node test of the ONNX standard: a model of one node, its inputs and its expected outputs.</summary>
/// <param name="Operator">The node's operator.</param>
/// <param name="Attributes">Numbers by name; integers and floats both.</param>
/// <param name="Inputs">By position; null where an optional one is left out.</param>
/// <param name="Outputs">By position; null where the node doesn't name one.</param>
internal sealed record OnnxCase(string Operator, IReadOnlyDictionary<string, double> Attributes, Tensor?[] Inputs, Tensor?[] Outputs)
{
    private const string Archive = "onnx_node_tests.tar.xz";

    /// <summary>The names of all cases that start so, or one that says what is missing.</summary>
    internal static IEnumerable<string> Names(string prefix)
    {
        try
        {
            return [.. Directory.GetDirectories(SharedData.Unpack(Archive), prefix + "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order()];
        }
        catch (Xunit.Sdk.SkipException)
        {
            return ["(missing)"];
        }
    }

    /// <summary>Reads a case; skips the test if the archive is missing.</summary>
    internal static OnnxCase Read(string name)
    {
        var root = SharedData.Unpack(Archive);
        var folder = Directory.GetDirectories(root, name, SearchOption.AllDirectories).Single();
        var node = Node(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        var data = Path.Combine(folder, "test_data_set_0");
        return new(node.Operator, node.Attributes, Tensors(node.Inputs, data, "input"), Tensors(node.Outputs, data, "output"));
    }

    internal Tensor? Input(int position) => position < Inputs.Length ? Inputs[position] : null;

    internal long? Integer(string attribute) => Attributes.TryGetValue(attribute, out var value) ? (long)value : null;

    private static Tensor?[] Tensors(List<string> names, string folder, string kind)
    {
        var number = 0;
        return [.. names.Select(name => name.Length == 0 ? null : ReadTensor(File.ReadAllBytes(Path.Combine(folder, $"{kind}_{number++}.pb"))))];
    }

    private sealed record NodeProto(string Operator, Dictionary<string, double> Attributes, List<string> Inputs, List<string> Outputs);

    private static NodeProto Node(ReadOnlySpan<byte> model)
    {
        List<NodeProto> nodes = [];
        var reader = new ProtoReader(model);
        while (reader.Next())
        {
            if (reader.Field != 7)      // the graph
            {
                reader.Skip();
                continue;
            }
            var graph = new ProtoReader(reader.Bytes());
            while (graph.Next())
            {
                if (graph.Field == 1)
                    nodes.Add(ReadNode(graph.Bytes()));
                else
                    graph.Skip();
            }
        }
        return nodes.Count == 1 ? nodes[0] : throw new InvalidDataException($"Expected a model of one node, got {nodes.Count}.");
    }

    private static NodeProto ReadNode(ReadOnlySpan<byte> bytes)
    {
        var node = new NodeProto("", [], [], []);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: node.Inputs.Add(reader.Text()); break;
                case 2: node.Outputs.Add(reader.Text()); break;
                case 4: node = node with { Operator = reader.Text() }; break;
                case 5: ReadAttribute(reader.Bytes(), node.Attributes); break;
                default: reader.Skip(); break;
            }
        }
        return node;
    }

    private static void ReadAttribute(ReadOnlySpan<byte> bytes, Dictionary<string, double> into)
    {
        string name = "";
        double? value = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text(); break;
                case 2: value = reader.Float(); break;
                case 3: value = reader.Integer(); break;
                default: reader.Skip(); break;
            }
        }
        if (value is { } number)
            into.Add(name, number);
    }

    private static Tensor ReadTensor(ReadOnlySpan<byte> bytes)
    {
        List<long> dims = [], integers = [];
        List<float> floats = [];
        ReadOnlySpan<byte> raw = [];
        var type = 0L;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.Integers(dims); break;
                case 2: type = reader.Integer(); break;
                case 4: reader.Floats(floats); break;
                case 5 or 7: reader.Integers(integers); break;
                case 9: raw = reader.Bytes(); break;
                default: reader.Skip(); break;
            }
        }
        var count = (int)dims.Aggregate(1L, (a, b) => a * b);
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
            numbers[i] = Number(type, raw, floats, integers, i);
        using var scope = NewDisposeScope();
        return tensor(numbers, [.. dims]).to(TypeOf(type)).MoveToOuterDisposeScope();
    }

    private static double Number(long type, ReadOnlySpan<byte> raw, List<float> floats, List<long> integers, int i) => (type, raw.IsEmpty) switch
    {
        (1, true) => floats[i],
        (1, false) => BinaryPrimitives.ReadSingleLittleEndian(raw[(4 * i)..]),
        (6 or 7 or 9, true) => integers[i],
        (6, false) => BinaryPrimitives.ReadInt32LittleEndian(raw[(4 * i)..]),
        (7, false) => BinaryPrimitives.ReadInt64LittleEndian(raw[(8 * i)..]),
        (9, false) => raw[i],
        (10, true) => (double)BitConverter.UInt16BitsToHalf((ushort)integers[i]),
        (10, false) => (double)BinaryPrimitives.ReadHalfLittleEndian(raw[(2 * i)..]),
        (11, false) => BinaryPrimitives.ReadDoubleLittleEndian(raw[(8 * i)..]),
        _ => throw new InvalidDataException($"The ONNX tensor type {type} is not read here."),
    };

    private static ScalarType TypeOf(long type) => type switch
    {
        1 => ScalarType.Float32,
        6 => ScalarType.Int32,
        7 => ScalarType.Int64,
        9 => ScalarType.Bool,
        11 => ScalarType.Float64,
        _ => ScalarType.Float16,
    };
}
