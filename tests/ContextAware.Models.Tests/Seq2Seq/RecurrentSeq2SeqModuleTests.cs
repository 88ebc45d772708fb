using ContextAware.Models.Seq2Seq;
using ContextAware.Testing;
using static ContextAware.Models.Tests.Seq2Seq.Seq2SeqCases;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

/// <summary>What every module keeps to: parameter names, gradients, copies, devices.</summary>
public class RecurrentSeq2SeqModuleTests
{
    private const string Score = """
        decoder.attention.score.W_q.weight [4, 6]
        decoder.attention.score.W_k.weight [4, 6]
        decoder.attention.score.w_v.weight [1, 4]

        """;

    private static readonly Dictionary<string, string> Parameters = new()
    {
        ["gru"] = $"""
            embedding.weight [7, 5]
            {Layer("encoder.rnn", "_l0", 9, 5, 3)}{Layer("encoder.rnn", "_l0_reverse", 9, 5, 3)}{Linear("bridge.hidden", 6, 6)}decoder.embedding.weight [9, 5]
            {Score}{Layer("decoder.rnn", "", 18, 11, 6)}{Linear("decoder.out", 9, 17)}
            """,
        ["lstm"] = $"""
            embedding.weight [7, 5]
            {Layer("encoder.rnn", "_l0", 12, 5, 3)}{Layer("encoder.rnn", "_l0_reverse", 12, 5, 3)}{Linear("bridge.hidden", 6, 6)}{Linear("bridge.cell", 6, 6)}decoder.embedding.weight [9, 5]
            {Score}{Layer("decoder.rnn", "", 24, 11, 6)}{Linear("decoder.out", 9, 17)}
            """,
        ["google"] = $"""
            embedding.weight [7, 5]
            {Layer("encoder.layers.0", "_l0", 12, 5, 3)}{Layer("encoder.layers.0", "_l0_reverse", 12, 5, 3)}{Layer("encoder.layers.1", "_l0", 12, 6, 3)}{Layer("encoder.layers.1", "_l0_reverse", 12, 6, 3)}{Layer("encoder.layers.2", "_l0", 12, 6, 3)}{Layer("encoder.layers.2", "_l0_reverse", 12, 6, 3)}{Linear("bridge.hidden", 18, 6)}{Linear("bridge.cell", 18, 6)}decoder.embedding.weight [9, 5]
            {Score}{Layer("decoder.rnn", "", 24, 11, 6)}{Layer("decoder.upper.0", "", 24, 12, 6)}{Layer("decoder.upper.1", "", 24, 12, 6)}{Linear("decoder.out", 9, 6)}
            """,
        ["luong, local"] = $"""
            embedding.weight [7, 5]
            {Layer("encoder.rnn", "_l0", 9, 5, 3)}{Layer("encoder.rnn", "_l0_reverse", 9, 5, 3)}{Linear("bridge.hidden", 6, 6)}decoder.embedding.weight [9, 5]
            decoder.local.W_p.weight [6, 6]
            decoder.local.v_p.weight [1, 6]
            {Layer("decoder.rnn", "", 18, 5, 6)}decoder.W_c.weight [6, 12]
            {Linear("decoder.out", 9, 6)}
            """,
        ["luong, feeding"] = $"""
            embedding.weight [7, 5]
            {Layer("encoder.rnn", "_l0", 9, 5, 3)}{Layer("encoder.rnn", "_l0_reverse", 9, 5, 3)}{Layer("encoder.rnn", "_l1", 9, 6, 3)}{Layer("encoder.rnn", "_l1_reverse", 9, 6, 3)}{Linear("bridge.hidden", 6, 6)}decoder.embedding.weight [9, 5]
            {Score}decoder.coverage.w_c [4]
            {Layer("decoder.rnn", "", 18, 11, 6)}decoder.W_c.weight [6, 12]
            {Linear("decoder.copy.p_gen", 1, 17)}{Linear("decoder.out", 9, 6)}
            """,
    };

    public static TheoryData<string> Names => new(Parameters.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_a_module_like_the_others(string name) => Conformance(name, Parameters[name]).Run();

    [Theory]
    [MemberData(nameof(Names))]
    public void It_runs_on_cuda(string name) => Conformance(name, "").RunOnCuda();

    // A recurrent layer's parameters, and a linear layer's, a line each.
    private static string Layer(string name, string layer, int gates, int input, int hidden) =>
        $"{name}.weight_ih{layer} [{gates}, {input}]\n{name}.weight_hh{layer} [{gates}, {hidden}]\n{name}.bias_ih{layer} [{gates}]\n{name}.bias_hh{layer} [{gates}]\n";

    private static string Linear(string name, int output, int input) => $"{name}.weight [{output}, {input}]\n{name}.bias [{output}]\n";

    private static ModuleConformance<RecurrentSeq2Seq> Conformance(string name, string parameters) => new()
    {
        Create = () => new(All[name]),
        Inputs = () => [tensor(new long[,] { { 3, 4, 5, 6 }, { 5, 3, 0, 0 } }), tensor(new long[,] { { 1, 7, 8 }, { 1, 3, 0 } })],
        Forward = (model, x) =>
        {
            using var lengths = tensor(new long[] { 4, 2 });
            var answer = model.call(x[0], lengths, x[1], true);
            return [answer.Logits, answer.Weights!];
        },
        OutputShapes = [[2, 3, 9], [2, 3, 4]],
        Parameters = parameters,
        HalfPrecisionTolerance = null,
    };
}
