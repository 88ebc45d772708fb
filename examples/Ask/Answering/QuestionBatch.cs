using ContextAware.Models.Training;
using static TorchSharp.torch;

namespace Ask.Answering;

/// <summary>Pictures, as many questions to each, and their answers.</summary>
public sealed class QuestionBatch : ITrainingBatch
{
    /// <summary>The number of an answer that doesn't count: the place is filled up.</summary>
    public const long NoAnswer = -100;

    /// <summary>Takes over the tensors.</summary>
    internal QuestionBatch(Tensor pictures, Tensor questions, Tensor lengths, Tensor answers, int size)
        => (Pictures, Questions, Lengths, Answers, Size) = (pictures, questions, lengths, answers, size);

    /// <summary><c>[P,3,H,W]</c>, from 0 to 1.</summary>
    public Tensor Pictures { get; }

    /// <summary><c>[B,S]</c>, side by side for each picture.</summary>
    public Tensor Questions { get; }

    /// <summary><c>[B]</c>.</summary>
    public Tensor Lengths { get; }

    /// <summary><c>[B]</c>; <see cref="NoAnswer"/> where there is no question.</summary>
    public Tensor Answers { get; }

    /// <summary>P.</summary>
    public int Size { get; }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Pictures.Dispose();
        Questions.Dispose();
        Lengths.Dispose();
        Answers.Dispose();
    }
}
