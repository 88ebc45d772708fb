using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>Reads questions with an LSTM: its last state is the question.</summary>
/// <remarks>
/// Kazemi and Elqursh 2017 (arXiv 1704.03162), section 3.2, with tanh on the words' vectors. Forget gates
/// start open (Jozefowicz et al. 2015, section 2.2): else what is asked about is half forgotten with each word that follows. Shapes: B questions, S longest
/// question, Q width. In the state dict: <c>embedding.weight</c>, <c>lstm.…</c> of <see cref="RecurrentEncoder"/>.
/// </remarks>
public sealed class QuestionEncoder : nn.Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "embedding")]
    private readonly Embedding embedding;

    [ComponentName(Name = "lstm")]
    private readonly RecurrentEncoder reader;

    /// <summary>Makes the encoder.</summary>
    /// <param name="vocabulary">How many words there are.</param>
    /// <param name="embeddingWidth">The width of a word's vector.</param>
    /// <param name="width">Q.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public QuestionEncoder(long vocabulary, long embeddingWidth, long width) : base(nameof(QuestionEncoder))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(embeddingWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        embedding = OwnParameter.In(nn.Embedding(vocabulary, embeddingWidth, padding_idx: Vocabulary.Padding));
        reader = new(new() { Cell = CellKind.Lstm, InputWidth = embeddingWidth, HiddenWidth = width, Bidirectional = false });
        RegisterComponents();
        using var noGradient = no_grad();
        reader.named_parameters().Single(pair => pair.name.EndsWith("bias_hh_l0", StringComparison.Ordinal)).parameter.narrow(0, width, width).fill_(1);
    }

    /// <summary>Reads questions.</summary>
    /// <param name="questions"><c>[B,S]</c> int64.</param>
    /// <param name="lengths"><c>[B]</c> int64 on the CPU, each from 1 to S.</param>
    /// <returns><c>[B,Q]</c>.</returns>
    /// <exception cref="ArgumentException">A shape or a length does not fit.</exception>
    public override Tensor forward(Tensor questions, Tensor lengths)
    {
        ArgumentNullException.ThrowIfNull(questions);
        if (questions.dtype != ScalarType.Int64 || questions.shape.Length != 2)
            throw new ArgumentException($"Expected questions [B,S] of Int64, got {questions.dtype} {ShapeText.Compact(questions)}.", nameof(questions));
        using var scope = NewDisposeScope();
        var read = reader.call(embedding.call(questions).tanh(), lengths);
        return read.State.Hidden.select(0, -1).MoveToOuterDisposeScope();
    }
}
