using Caption.Digits;
using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.VisionLanguage;
using Examples.Common;
using static TorchSharp.torch;

namespace Caption.Writing;

/// <summary>A model with its words.</summary>
public sealed class Captioner : IDisposable
{
    private const int DecodingBatch = 100;
    private const int LongestCaption = Scene.MostDigits + 2;

    // Four layers of 3×3, three of them halving, see 31 pixels: a digit, wherever it lies, from the nearest place, and not from the next.
    private const int HalvingLayers = 3;

    /// <summary>Makes a model that has learned nothing.</summary>
    public Captioner(CaptionerSettings settings)
    {
        Settings = settings;
        (long, bool)[] layers = [.. settings.Features.Select((features, i) => ((long)features, i < HalvingLayers))];
        // Where left and right are, a place can't see by itself.
        Model = new(nn.Sequential(new ConvolutionalEncoder(1, layers), new CoordinateChannels()), new()
        {
            Picture = new(1, Scene.Height, Scene.Width),
            Vocabulary = Words.Count,
            EmbeddingWidth = settings.Embedding,
            HiddenWidth = settings.Hidden,
            AttentionWidth = settings.Attention,
        });
        Model.eval();
    }

    /// <summary>Its sizes.</summary>
    public CaptionerSettings Settings { get; }

    /// <summary>The network.</summary>
    public CaptionModel Model { get; }

    /// <summary>The words that it knows.</summary>
    public Vocabulary Words { get; } = new(DigitWords.Names);

    /// <summary>Reads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static Captioner Load(string path) =>
        ModelFile.Load<CaptionerSettings, Captioner>(path, settings => new(settings), captioner => captioner.Model);

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <exception cref="UserException">The file can't be written.</exception>
    public void Save(string path) => ModelFile.Save(path, Model, Settings);

    /// <summary>The loss of a batch, for training.</summary>
    /// <param name="batch">The pictures.</param>
    /// <param name="lambda">The weight of the doubly stochastic penalty.</param>
    public Tensor Loss(SceneBatch batch, double lambda) =>
        CaptionLoss.Of(Model.call(batch.Pictures, batch.Input, lambda != 0), batch.Output, lambda);

    /// <summary>Writes captions.</summary>
    /// <param name="pictures">Pixels of pictures of the right size.</param>
    /// <param name="beam">How many beginnings to keep in mind; 1 takes the likeliest word at each step.</param>
    /// <param name="cancellation">Stops before the next word.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<WrittenCaption> Write(IReadOnlyList<byte[]> pictures, int beam = 1, CancellationToken cancellation = default)
    {
        var writer = new StoppableModel(Model, cancellation);
        return [.. pictures.Chunk(DecodingBatch).SelectMany(batch => WriteBatch(writer, batch, beam))];
    }

    /// <summary>Judges the model on pictures.</summary>
    /// <param name="scenes">The pictures.</param>
    /// <param name="beam">How many beginnings to keep in mind.</param>
    /// <param name="cancellation">Stops before the next word.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public CaptionScore Judge(IReadOnlyList<Scene> scenes, int beam = 1, CancellationToken cancellation = default) =>
        CaptionScore.Of(scenes, Write([.. scenes.Select(scene => scene.Pixels)], beam, cancellation));

    /// <summary>Frees the network.</summary>
    public void Dispose() => Model.Dispose();

    private IEnumerable<WrittenCaption> WriteBatch(ISequenceModel writer, byte[][] pictures, int beam)
    {
        using var scope = NewDisposeScope();
        var (source, places) = (SceneBatch.ToTensor(pictures), Model.PlaceCounts(pictures.Length));
        IEnumerable<Hypothesis> written = beam == 1
            ? new GreedyDecoder(writer, LongestCaption).Decode(source, places, needWeights: true)
            : new BeamSearch(writer, new() { Width = beam, MaximumLength = LongestCaption }).Decode(source, places, needWeights: true).Select(best => best[0]);
        return [.. written.Select(one => new WrittenCaption(Words.Decode(one.Tokens), one.Weights!, (int)Model.Grid.Height, (int)Model.Grid.Width))];
    }
}
