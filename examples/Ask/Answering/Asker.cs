using Ask.Questions;
using ContextAware.Models.Data;
using ContextAware.Models.VisionLanguage;
using Examples.Common;
using Pictures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ask.Answering;

/// <summary>A model with its words and answers.</summary>
public sealed class Asker : IDisposable
{
    internal const int Colours = 3;

    private const int Sharpness = 5;
    private const int AnsweringBatch = 50;

    private readonly Vocabulary words;
    private readonly Dictionary<string, int> answers;

    /// <summary>Makes a model that has learned nothing.</summary>
    public Asker(AskerSettings settings)
    {
        Settings = settings;
        words = new(settings.Words);
        answers = settings.Answers.Select((answer, i) => (answer, i)).ToDictionary(pair => pair.answer, pair => pair.i, StringComparer.Ordinal);
        Model = new(Encoder(settings), new()
        {
            Picture = new(Colours, settings.Side, settings.Side),
            Vocabulary = words.Count,
            Answers = answers.Count,
            QuestionWidth = settings.Question,
            HiddenWidth = settings.Hidden,
            Stacked = settings.Stacked,
            Maps = settings.Maps,
            NormalizeFeatures = false,
        });
        Sharpen(Model);
        Model.eval();
    }

    /// <summary>Its words, answers and sizes.</summary>
    public AskerSettings Settings { get; }

    /// <summary>The network.</summary>
    public QuestionAnsweringModel Model { get; }

    /// <summary>Reads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="UserException">The file can't be read, is broken, or holds something else.</exception>
    public static Asker Load(string path) => ModelFile.Load<AskerSettings, Asker>(path, settings => new(settings), asker => asker.Model);

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <exception cref="UserException">The file can't be written.</exception>
    public void Save(string path) => ModelFile.Save(path, Model, Settings);

    /// <summary>Pictures of a set with their questions, in tensors; where a picture has fewer questions than another, its last is repeated.</summary>
    /// <exception cref="UserException">A word or an answer is unknown, or the pictures have another size.</exception>
    public QuestionBatch Batch(QuestionSet set, IReadOnlyList<int> pictures)
    {
        if (set.Side != Settings.Side)
            throw new UserException($"The model takes pictures of {Settings.Side}×{Settings.Side} pixels, not {set.Side}×{set.Side}.");
        var each = pictures.Max(picture => set.Questions(picture).Count);
        var (asked, right) = (new List<int[]>(), new List<long>());
        foreach (var questions in pictures.Select(set.Questions))
        {
            for (var i = 0; i < each; i++)
            {
                var question = questions[Math.Min(i, questions.Count - 1)];
                asked.Add(Encode(question.Words));
                right.Add(i < questions.Count ? Number(question.Answer) : QuestionBatch.NoAnswer);
            }
        }

        using var scope = NewDisposeScope();
        var (source, lengths) = SequenceBatch.PadSources(asked);
        return new(
            ToTensor([.. pictures.Select(set.Pixels)]).DetachFromDisposeScope(),
            source.DetachFromDisposeScope(),
            lengths.DetachFromDisposeScope(),
            tensor(right.ToArray()).DetachFromDisposeScope(),
            pictures.Count);
    }

    /// <summary>The loss of a batch, for training.</summary>
    public Tensor Loss(QuestionBatch batch)
    {
        var answer = Model.call(batch.Pictures, batch.Questions, batch.Lengths);
        return nn.functional.cross_entropy(answer.Logits, batch.Answers, ignore_index: QuestionBatch.NoAnswer);
    }

    /// <summary>Judges the model: a score for each kind of question.</summary>
    /// <param name="set">The pictures with their questions.</param>
    /// <param name="cancellation">Stops before the next pictures.</param>
    /// <exception cref="UserException">A word or an answer is unknown, or the pictures have another size.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<AnswerScore> Judge(QuestionSet set, CancellationToken cancellation = default)
    {
        var counts = new SortedDictionary<string, (int Right, int Count)>(StringComparer.Ordinal);
        foreach (var pictures in Enumerable.Range(0, set.Count).Chunk(AnsweringBatch))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            using var batch = Batch(set, pictures);
            var given = Model.call(batch.Pictures, batch.Questions, batch.Lengths).Logits.argmax(1).data<long>().ToArray();
            var each = given.Length / pictures.Length;
            for (var i = 0; i < pictures.Length; i++)
            {
                foreach (var (question, answer) in set.Questions(pictures[i]).Zip(given.Skip(i * each)))
                {
                    var (right, count) = counts.GetValueOrDefault(question.Kind);
                    counts[question.Kind] = (right + (Settings.Answers[(int)answer] == question.Answer ? 1 : 0), count + 1);
                }
            }
        }

        return [.. counts.Select(pair => new AnswerScore(pair.Key, pair.Value.Right, pair.Value.Count))];
    }

    /// <summary>Answers questions about one picture.</summary>
    /// <param name="pixels">The picture, of the right size.</param>
    /// <param name="questions">The words of each question.</param>
    /// <exception cref="UserException">A word is unknown.</exception>
    public IReadOnlyList<GivenAnswer> Answer(byte[] pixels, IReadOnlyList<IReadOnlyList<string>> questions)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (source, lengths) = SequenceBatch.PadSources([.. questions.Select(Encode)]);
        var answer = Model.call(ToTensor([pixels]), source, lengths);
        var chosen = answer.Logits.argmax(1).data<long>().ToArray();
        return [.. chosen.Select((number, i) => new GivenAnswer(Settings.Answers[(int)number], Maps(answer.Maps[i])))];
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => Model.Dispose();

    // Where a place lies, its features must say: a mean over places has forgotten it. Four layers of 3×3 that halve see 31 pixels:
    // a thing and a little around it. Where places see all of the picture, none can be chosen.
    private static Sequential Encoder(AskerSettings settings)
    {
        (long, bool)[] layers = [.. settings.Features.Select(features => ((long)features, true))];
        return nn.Sequential(new CoordinateChannels(), new ConvolutionalEncoder(Colours + PictureShapes.Coordinates, layers), new CoordinateChannels());
    }

    // Maps that differ from the start, from place to place and from question to question, find out sooner what is worth looking at:
    // as they are made, all are nearly even.
    private static void Sharpen(QuestionAnsweringModel model)
    {
        using var noGradient = no_grad();
        string[] sharpened = ["attention.q_lin.", "attention.x_conv.", "attention.question_hidden.", "attention.score."];
        foreach (var (name, weight) in model.named_parameters())
        {
            if (name.EndsWith(".weight", StringComparison.Ordinal) && sharpened.Any(part => name.StartsWith(part, StringComparison.Ordinal)))
                weight.mul_(Sharpness);
        }
    }

    private int[] Encode(IReadOnlyList<string> question)
    {
        if (question.Count == 0) throw new UserException("A question is empty.");
        var unknown = question.FirstOrDefault(word => !words.TryGetNumber(word, out _));
        return unknown is null
            ? words.Encode(question)
            : throw new UserException($"The model knows no word '{unknown}'; it knows {string.Join(' ', words.Symbols)}");
    }

    private long Number(string answer) => answers.TryGetValue(answer, out var number)
        ? number
        : throw new UserException($"The model knows no answer '{answer}'; it knows {string.Join(' ', Settings.Answers)}");

    // [P,3,H,W], from 0 to 1.
    private Tensor ToTensor(IReadOnlyList<byte[]> pictures)
    {
        using var scope = NewDisposeScope();
        var pixels = new byte[pictures.Count * pictures[0].Length];
        for (var i = 0; i < pictures.Count; i++) pictures[i].CopyTo(pixels, i * pictures[i].Length);
        var bytes = tensor(pixels, [pictures.Count, Settings.Side, Settings.Side, 3]);
        return (bytes.permute(0, 3, 1, 2).to(float32) / 255).contiguous().MoveToOuterDisposeScope();
    }

    private static float[][,] Maps(Tensor maps)
    {
        var (count, rows, columns) = ((int)maps.shape[0], (int)maps.shape[1], (int)maps.shape[2]);
        var numbers = maps.contiguous().data<float>().ToArray();
        return [.. Enumerable.Range(0, count).Select(Map)];

        float[,] Map(int which)
        {
            var map = new float[rows, columns];
            Buffer.BlockCopy(numbers, which * rows * columns * sizeof(float), map, 0, rows * columns * sizeof(float));
            return map;
        }
    }
}
