using ContextAware.Models.Data;
using ContextAware.Models.Training;
using static TorchSharp.torch;

namespace Caption.Digits;

/// <summary>Pictures with their captions, side by side in tensors.</summary>
public sealed class SceneBatch : ITrainingBatch
{
    private SceneBatch(Tensor pictures, Tensor input, Tensor output, int size) => (Pictures, Input, Output, Size) = (pictures, input, output, size);

    /// <summary><c>[B,1,H,W]</c>, from 0 to 1.</summary>
    public Tensor Pictures { get; }

    /// <summary>The start mark and the caption <c>[B,T]</c>.</summary>
    public Tensor Input { get; }

    /// <summary>The caption and the end mark <c>[B,T]</c>.</summary>
    public Tensor Output { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Lays scenes side by side.</summary>
    public static SceneBatch Create(IReadOnlyList<Scene> scenes, Vocabulary words)
    {
        using var scope = NewDisposeScope();
        var longest = scenes.Max(scene => scene.Boxes.Count) + 1;
        var (input, output) = (new long[scenes.Count * longest], new long[scenes.Count * longest]);
        for (var row = 0; row < scenes.Count; row++)
        {
            var caption = words.Encode([.. scenes[row].Words]);
            var at = row * longest;
            input[at] = Vocabulary.Start;
            for (var i = 0; i < caption.Length; i++) output[at + i] = input[at + i + 1] = caption[i];
            output[at + caption.Length] = Vocabulary.End;
        }

        long[] shape = [scenes.Count, longest];
        return new(
            ToTensor([.. scenes.Select(scene => scene.Pixels)]).DetachFromDisposeScope(),
            tensor(input, shape).DetachFromDisposeScope(),
            tensor(output, shape).DetachFromDisposeScope(),
            scenes.Count);
    }

    /// <summary>Pictures as a model takes them <c>[B,1,H,W]</c>.</summary>
    public static Tensor ToTensor(IReadOnlyList<byte[]> pictures)
    {
        using var scope = NewDisposeScope();
        byte[] pixels = [.. pictures.SelectMany(picture => picture)];
        return (tensor(pixels, [pictures.Count, 1, Scene.Height, Scene.Width]).to(float32) / 255).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Pictures.Dispose();
        Input.Dispose();
        Output.Dispose();
    }
}
