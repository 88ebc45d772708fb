using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>
/// Answers questions about pictures: Kazemi and Elqursh 2017, "Show, ask, attend, and answer" (arXiv 1704.03162), or with stacked
/// attention Yang et al. 2016 (arXiv 1511.02274).
/// </summary>
/// <remarks>
/// A convolutional encoder makes a grid of features, an LSTM a vector of the question, which looks at the grid; what it saw
/// and the question go through a hidden layer with ReLU to the answers.
/// Shapes: P pictures, B questions, S longest question, A answers, G maps over the h × w grid. In the state dict:
/// <c>encoder.…</c>, <c>text.…</c>, <c>attention.…</c>, <c>classifier.lin1</c>, <c>classifier.lin2</c>.
/// </remarks>
public sealed class QuestionAnsweringModel : nn.Module<Tensor, Tensor, Tensor, Answer>
{
    [ComponentName(Name = "encoder")]
    private readonly nn.Module<Tensor, Tensor> encoder;

    [ComponentName(Name = "text")]
    private readonly QuestionEncoder reader;

    [ComponentName(Name = "attention")]
    private readonly QuestionAttention attention;

    [ComponentName(Name = "classifier")]
    private readonly Sequential classifier;

    /// <summary>Makes a model.</summary>
    /// <param name="encoder">From pictures <c>[P,K,H,W]</c> to features <c>[P,C,h,w]</c>, on the CPU at first.</param>
    /// <param name="options">The sizes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the dropout out of range.</exception>
    /// <exception cref="ArgumentException">The encoder gives no grid.</exception>
    public QuestionAnsweringModel(nn.Module<Tensor, Tensor> encoder, QuestionAnsweringOptions options) : base(nameof(QuestionAnsweringModel))
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(options);
        options.Picture.CheckPositive(nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Answers, nameof(options));
        var (question, hidden) = (options.QuestionWidth, options.HiddenWidth);
        Options = options;
        Grid = FeatureGrid.Of(encoder, options.Picture, nameof(encoder));
        this.encoder = encoder;
        reader = new(options.Vocabulary, options.EmbeddingWidth, question);
        attention = options.Stacked
            ? new StackedAttention(Grid.Channels, question, hidden, options.Maps)
            : new GlimpseAttention(Grid.Channels, question, hidden, options.Maps, options.Dropout, options.NormalizeFeatures);
        classifier = nn.Sequential(
            ("drop1", new DropoutLayer(options.Dropout)),
            ("lin1", nn.Linear(attention.OutputWidth, hidden)),
            ("relu", nn.ReLU()),
            ("drop2", new DropoutLayer(options.Dropout)),
            ("lin2", nn.Linear(hidden, options.Answers)));
        RegisterComponents();
    }

    /// <summary>The sizes.</summary>
    public QuestionAnsweringOptions Options { get; }

    /// <summary>What the encoder makes of a picture: the places that maps are over.</summary>
    public FeatureGrid Grid { get; }

    /// <summary>Answers questions.</summary>
    /// <param name="pictures"><c>[P,K,H,W]</c>.</param>
    /// <param name="questions"><c>[B,S]</c> int64, the same number to each picture, side by side: the first B/P ask about the first picture.</param>
    /// <param name="lengths"><c>[B]</c> int64 on the CPU, each from 1 to S.</param>
    /// <returns>Logits <c>[B,A]</c>, maps <c>[B,G,h,w]</c>.</returns>
    /// <exception cref="ArgumentException">The pictures are of another size, or P doesn't divide B.</exception>
    public override Answer forward(Tensor pictures, Tensor questions, Tensor lengths)
    {
        var count = Options.Picture.Check(pictures, nameof(pictures));
        using var scope = NewDisposeScope();
        var question = reader.call(questions, lengths);                                   // [B,Q]
        var asked = question.shape[0];
        QuestionAttention.CheckCounts(count, asked, nameof(questions));
        var (joint, maps) = attention.call(encoder.call(pictures), question);             // [B,W], [B,G,h,w]
        return new(classifier.call(joint).MoveToOuterDisposeScope(), maps.MoveToOuterDisposeScope());
    }
}
