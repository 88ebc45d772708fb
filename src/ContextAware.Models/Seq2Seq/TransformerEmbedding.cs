using ContextAware.Interop;
using ContextAware.Models.Data;
using ContextAware.Positions;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>From symbols to vectors that know where they stand: Dropout(√D·E[symbol] + n-grams + position) (Vaswani et al. 2017, sections 3.4 and 3.5).</summary>
internal sealed class TransformerEmbedding : nn.Module<Tensor, long, Tensor>
{
    [ComponentName(Name = "embedding")] private readonly Embedding embedding;
    [ComponentName(Name = "sinusoidal")] private readonly SinusoidalEncoding? sinusoidal;
    [ComponentName(Name = "positions")] private readonly LearnedEncoding? learned;
    [ComponentName(Name = "ngrams")] private readonly NGramEmbedding? grams;
    private readonly double dropout;
    private readonly Scalar scale;

    /// <param name="vocabulary">V.</param>
    /// <param name="options">The model's.</param>
    /// <param name="ngrams">The n-grams to look up too; null: none. They need all symbols in one call.</param>
    public TransformerEmbedding(long vocabulary, TransformerSeq2SeqOptions options, NGramOptions? ngrams = null)
        : base(nameof(TransformerEmbedding))
    {
        embedding = OwnParameter.In(nn.Embedding(vocabulary, options.Width, padding_idx: Vocabulary.Padding));
        sinusoidal = options.Positions == PositionKind.Sinusoidal ? new(options.Width) : null;
        learned = options.Positions == PositionKind.Learned ? new(options.MaximumLength, options.Width) : null;
        grams = ngrams is null ? null : new(vocabulary, options.Width, ngrams);
        dropout = options.Dropout;
        scale = Math.Sqrt(options.Width);
        RegisterComponents();
        if (WeightInitialization.IsSkipped)
            return;
        // Scaled, the vectors are as large as positions; unscaled, as weights of the last product should be.
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        nn.init.normal_(embedding.weight!, 0, 1 / Math.Sqrt(options.Width));
        embedding.weight!.narrow(0, Vocabulary.Padding, 1).zero_();
    }

    /// <summary>The n-grams; null if none are looked up.</summary>
    public NGramEmbedding? NGrams => grams;

    /// <summary>E, [V, D].</summary>
    public Tensor Weight => embedding.weight!;

    /// <param name="tokens">[B, T] int64.</param>
    /// <param name="offset">The position of the first.</param>
    /// <returns>[B, T, D].</returns>
    public override Tensor forward(Tensor tokens, long offset)
    {
        using var scope = NewDisposeScope();
        var x = embedding.call(tokens).mul(scale);                                     // [B, T, D]
        x = grams is null ? x : x.add(grams.call(tokens));
        x = sinusoidal is null ? x : sinusoidal.forward(x, offset);
        x = learned is null ? x : learned.forward(x, offset);
        if (training && dropout > 0)
            x = DropoutMask.Apply(x, dropout);
        return x.MoveToOuterDisposeScope();
    }
}
