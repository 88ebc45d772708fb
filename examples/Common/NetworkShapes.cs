using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;

namespace Examples.Common;

/// <summary>Holds the sizes of a network against stored weights. The tensors that are looked at tell of every size that the others are made of.</summary>
internal static class NetworkShapes
{
    // The numbers of symbols follow those of the marks.
    private const long Marks = Vocabulary.End + 1;

    /// <summary>Looks whether settings fit stored weights.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="stored">The weights.</param>
    /// <param name="sources">How many symbols are read.</param>
    /// <param name="targets">How many symbols are written.</param>
    /// <exception cref="InvalidDataException">They don't fit.</exception>
    public static void Check(NetworkSettings settings, StoredShapes stored, long sources, long targets)
    {
        if (settings.Network == NetworkKind.Transformer) CheckTransformer(settings, stored, Marks + sources, Marks + targets);
        else CheckRecurrent(settings, stored, Marks + sources, Marks + targets);
    }

    private static void CheckRecurrent(NetworkSettings settings, StoredShapes stored, long sources, long targets)
    {
        var gates = settings.Cell == CellKind.Gru ? 3L : 4L;
        var (width, symbols, direction) = ((long)settings.Hidden, (long)settings.Embedding, Math.Max(1L, settings.Hidden / 2));
        stored.Expect("embedding.weight", sources, symbols);
        stored.Expect("encoder.rnn.weight_ih_l0", gates * direction, symbols);
        for (var layer = 0; layer < settings.Layers; layer++) stored.Expect($"encoder.rnn.weight_hh_l{layer}", gates * direction, direction);
        stored.Expect("decoder.embedding.weight", targets, symbols);
        stored.Expect("decoder.rnn.weight_hh", gates * width, width);
        for (var layer = 1; layer < settings.DecoderLayers; layer++) stored.Expect($"decoder.upper.{layer - 1}.weight_hh", gates * width, width);
        stored.Expect("decoder.out.weight", targets, settings.Decoder switch
        {
            DecoderKind.Bahdanau => width + (2 * direction) + symbols,
            DecoderKind.Plain => width + symbols,
            _ => width,
        });
    }

    private static void CheckTransformer(NetworkSettings settings, StoredShapes stored, long sources, long targets)
    {
        var width = (long)settings.Hidden;
        stored.Expect("source.embedding.weight", sources, width);
        stored.Expect("target.embedding.weight", targets, width);
        for (var layer = 0; layer < settings.Layers; layer++) stored.Expect($"encoder.layers.{layer}.self_attn.in_proj_weight", 3 * width, width);
        for (var layer = 0; layer < settings.DecoderLayers; layer++) stored.Expect($"decoder.layers.{layer}.self_attn.in_proj_weight", 3 * width, width);
        var tables = new NGramOptions();
        for (var table = 0; table < settings.NGrams.Count; table++)
        {
            var rows = (long)Math.Min(Math.Pow(sources, settings.NGrams[table]), tables.Rows);
            stored.Expect($"source.ngrams.tables.{table}.weight", rows, tables.RowWidth);
        }
    }
}
