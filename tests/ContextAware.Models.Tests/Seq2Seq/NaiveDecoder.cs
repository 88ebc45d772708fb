using ContextAware.Models.Seq2Seq;
using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

/// <summary>The equations of the papers written down, with TorchSharp's own cells, row by row and step by step.</summary>
internal sealed class NaiveDecoder(RecurrentDecoderOptions options, Dictionary<string, Tensor> weights, ScoreFunction? score)
{
    /// <summary>Logits <c>[B,T,V]</c> and weights <c>[B,T,S]</c>.</summary>
    public (Tensor Logits, Tensor? Weights) Run(Tensor tokens, Tensor source, long[] lengths, DecoderState state)
    {
        var cells = Enumerable.Range(0, options.Layers).Select(Cell).ToArray();
        var (logits, looks) = (new List<Tensor>(), new List<Tensor>());
        for (var row = 0; row < lengths.Length; row++)
        {
            var layers = state.Layers.Select(layer => (Hidden: layer.Hidden[row].unsqueeze(0), Cell: layer.Cell?[row].unsqueeze(0))).ToArray();
            var positions = source[row].narrow(0, 0, lengths[row]).unsqueeze(0);              // [1,s,W]
            var fed = zeros(1, options.Width);
            for (var step = 0; step < tokens.shape[1]; step++)
            {
                var symbol = weights["embedding.weight"][tokens[row, step].item<long>()].unsqueeze(0);
                var (features, look) = Step(cells, layers, symbol, positions, ref fed);
                logits.Add(matmul(features, weights["out.weight"].t()) + weights["out.bias"]);
                if (look is not null) looks.Add(nn.functional.pad(look, [0, source.shape[1] - lengths[row]]));
            }
        }

        return (cat(logits).view(lengths.Length, -1, options.Vocabulary), looks.Count == 0 ? null : cat(looks).view(lengths.Length, -1, source.shape[1]));
    }

    private (Tensor Features, Tensor? Look) Step(
        Func<Tensor, (Tensor, Tensor?), (Tensor, Tensor?)>[] cells, (Tensor Hidden, Tensor? Cell)[] layers, Tensor symbol, Tensor positions, ref Tensor fed)
    {
        if (options.Kind == DecoderKind.Plain) return (cat([Stack(symbol, null), symbol], 1), null);
        if (options.Kind is DecoderKind.Luong or DecoderKind.LuongInputFeeding)
        {
            var top = Stack(options.Kind == DecoderKind.Luong ? symbol : cat([symbol, fed], 1), null);
            var (read, where) = Look(top);
            fed = matmul(cat([read, top], 1), weights["W_c.weight"].t()).tanh();
            return (fed, where);
        }

        var isGoogle = options.Kind == DecoderKind.Google;
        var (context, look) = Look((isGoogle ? layers[0] : layers[^1]).Hidden);
        var output = Stack(cat([symbol, context], 1), isGoogle ? context : null);
        return (isGoogle ? output : cat([output, context, symbol], 1), look);

        (Tensor, Tensor) Look(Tensor query)
        {
            var looked = score!.call(query, positions).softmax(-1);                           // [1,s]
            var seen = matmul(looked, positions.squeeze(0));                                  // [1,W]
            if (options.Gate) seen *= (matmul(query, weights["f_beta.weight"].t()) + weights["f_beta.bias"]).sigmoid();
            return (seen, looked);
        }

        Tensor Stack(Tensor input, Tensor? above)
        {
            var output = input;
            for (var layer = 0; layer < cells.Length; layer++)
            {
                var below = output;
                layers[layer] = cells[layer](layer > 0 && above is not null ? cat([below, above], 1) : below, layers[layer]);
                output = options.Residual && layer > 0 ? layers[layer].Hidden + below : layers[layer].Hidden;
            }

            return output;
        }
    }

    private Func<Tensor, (Tensor, Tensor?), (Tensor, Tensor?)> Cell(int layer)
    {
        var prefix = layer == 0 ? "rnn." : $"upper.{layer - 1}.";
        var own = weights.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
        var width = own["weight_ih"].shape[1];
        if (options.Cell == CellKind.Gru)
        {
            var gru = nn.GRUCell(width, options.Width);
            gru.load_state_dict(own);
            return (input, state) => (gru.call(input, state.Item1), null);
        }

        var lstm = nn.LSTMCell(width, options.Width);
        lstm.load_state_dict(own);
        return (input, state) => lstm.call(input, (state.Item1, state.Item2!));
    }
}
