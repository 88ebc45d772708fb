using ContextAware.Models.Seq2Seq;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

/// <summary>Against PyTorch: golden/make_golden_recurrence.py says how the values came about.</summary>
public class EncoderGoldenTests
{
    private static readonly Lazy<GoldenFile> Golden = new(() => GoldenFile.Read("tests", "ContextAware.Models.Tests", "golden", "recurrence.safetensors"));

    public static TheoryData<string> Cases => new(Golden.Value.Names.Select(name => name.Split('/')[0]).Distinct());

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_encoder_reads_what_PyTorch_reads_with_its_weights_loaded_by_name(string name)
    {
        using var scope = NewDisposeScope();
        using var encoder = Load(name, residual: false);
        var embedded = At("input/embedded").requires_grad_();
        var read = encoder.call(embedded, At("input/lengths"));
        TensorAssert.Close(At("output/output"), read.Output);
        TensorAssert.Close(At("output/hidden"), read.State.Hidden);
        if (read.State.Cell is { } memory) TensorAssert.Close(At("output/memory"), memory);
        (read.Output * At("input/outer")).sum().backward();
        TensorAssert.Close(At("gradient/embedded"), embedded.grad!);
        foreach (var (parameter, value) in encoder.named_parameters()) TensorAssert.Close(At("gradient/" + parameter["rnn.".Length..]), value.grad!, what: parameter);

        Tensor At(string part) => Golden.Value.Tensor($"{name}/{part}");
    }

    // Wu et al. 2016, eq. 6, from single layers of PyTorch's names.
    [Theory]
    [InlineData("gru 2 both")]
    [InlineData("lstm 2 both")]
    public void Residual_layers_add_their_input_to_their_output(string name)
    {
        using var scope = NewDisposeScope();
        using var encoder = Load(name, residual: true);
        var (embedded, lengths) = (Golden.Value.Tensor(name + "/input/embedded"), Golden.Value.Tensor(name + "/input/lengths"));
        var layers = encoder.state_dict();
        using var first = Single(3, "layers.0.");
        using var second = Single(8, "layers.1.");
        var below = first.call(embedded, lengths);
        var above = second.call(below.Output, lengths);
        var read = encoder.call(embedded, lengths);
        TensorAssert.Close(above.Output + below.Output, read.Output);
        TensorAssert.Close(cat([below.State.Hidden, above.State.Hidden]), read.State.Hidden);

        RecurrentEncoder Single(long width, string prefix)
        {
            var made = new RecurrentEncoder(new() { Cell = encoder.Options.Cell, InputWidth = width, HiddenWidth = 4 });
            made.to(ScalarType.Float64);
            made.load_state_dict(layers.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(pair => "rnn." + pair.Key[prefix.Length..], pair => pair.Value));
            return made;
        }
    }

    private static RecurrentEncoder Load(string name, bool residual)
    {
        var parts = name.Split(' ');
        var encoder = new RecurrentEncoder(new()
        {
            Cell = parts[0] == "gru" ? CellKind.Gru : CellKind.Lstm,
            InputWidth = 3,
            HiddenWidth = 4,
            Layers = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
            Bidirectional = parts[2] == "both",
            Residual = residual,
        });
        encoder.to(ScalarType.Float64);
        var prefix = name + "/parameter/";
        var weights = Golden.Value.Names.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(key => Key(key[prefix.Length..]), Golden.Value.Tensor);
        encoder.load_state_dict(weights);
        return encoder;

        // Layers with something between them are modules of their own: weight_ih_l1_reverse is layers.1.weight_ih_l0_reverse.
        string Key(string parameter)
        {
            if (!residual) return "rnn." + parameter;
            var at = parameter.IndexOf("_l", StringComparison.Ordinal);
            return $"layers.{parameter[at + 2]}.{parameter[..at]}_l0{parameter[(at + 3)..]}";
        }
    }
}
