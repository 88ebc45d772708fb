using ContextAware.Models.Seq2Seq;

namespace ContextAware.Models.Tests;

/// <summary>Models for tests.</summary>
internal static class Models
{
    /// <summary>An untrained model over seven symbols on either side, in eval mode.</summary>
    public static RecurrentSeq2Seq Small(int symbols = 7, int width = 16, CellKind kind = CellKind.Gru)
    {
        var model = new RecurrentSeq2Seq(new()
        {
            SourceVocabulary = symbols,
            TargetVocabulary = symbols,
            Cell = kind,
            EmbeddingWidth = 8,
            HiddenWidth = width,
        });
        model.eval();
        return model;
    }
}
