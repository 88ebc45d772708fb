using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>The numbers of the notebook that this library began as. Every state is a column.</summary>
internal static class Notebook
{
    /// <summary>The names of the four encoder states.</summary>
    public static readonly string[] States = ["s₁", "s₂", "s₃", "s₄"];

    /// <summary>Four encoder states of five numbers: <c>[5,4]</c>.</summary>
    public static Tensor Encoder() => tensor(new double[,] { { 1, 7, 8, -9 }, { 5, 4, 12, 0 }, { 11, 1, 2, 1 }, { 4, 2, 11, 8 }, { -4, 2, 5, 12 } });

    /// <summary>A decoder state of three numbers: <c>[3,1]</c>.</summary>
    public static Tensor Decoder() => tensor(new double[,] { { 7 }, { 11 }, { 4 } });

    /// <summary>Four annotations of three numbers: <c>[3,4]</c>.</summary>
    public static Tensor Annotations() => tensor(new double[,] { { 3, 59, 1, 4 }, { 12, 2, 43, 3 }, { 45, 5, 5, 45.3 } });

    /// <summary>A state as wide as the annotations: <c>[3,1]</c>.</summary>
    public static Tensor State() => tensor(new double[,] { { 5 }, { 1 }, { 20 } });

    /// <summary>W of the multiplicative score: <c>[3,5]</c>.</summary>
    public static Tensor MultiplicativeWeight() => tensor(new[,]
    {
        { -.78, -.97, -1.09, -1.79, .24 },
        { .04, -.27, -.98, -.49, .52 },
        { 1.08, .91, -.99, 2.04, -.15 },
    });

    /// <summary>v of the additive score: <c>[7,1]</c>.</summary>
    public static Tensor Vector() => tensor(new[,] { { -.35 }, { -.58 }, { .07 }, { 1.39 }, { -.79 }, { -1.78 }, { -.35 } });

    /// <summary>W_enc of the additive score: <c>[7,5]</c>.</summary>
    public static Tensor EncoderWeight() => tensor(new[,]
    {
        { -1.34, -.1, -.38, .12, -.34 },
        { -1, 1.28, .49, -.41, -.32 },
        { -.39, -1.38, 1.26, 1.21, .15 },
        { -.18, .04, 1.36, -1.18, -.53 },
        { -.23, .96, 1.02, .39, -1.26 },
        { -1.27, .89, -.85, -.01, -1.19 },
        { .46, -.12, -.86, -.93, -.4 },
    });

    /// <summary>W_dec of the additive score: <c>[7,3]</c>.</summary>
    public static Tensor DecoderWeight() => tensor(new[,]
    {
        { -1.62, -.02, -.39 },
        { .43, .61, -.23 },
        { -1.5, -.43, -.91 },
        { -.14, .03, .05 },
        { .85, .51, .63 },
        { .39, -.42, 1.34 },
        { -.47, -.31, -1.34 },
    });
}
