using System.Globalization;
using System.Text.Json;
using Examples.Common;
using Pictures;

namespace Ask.Questions;

/// <summary>The pictures and questions of easy-VQA, in a folder with <c>train</c> and <c>test</c>.</summary>
public sealed class EasyVqaSet : QuestionSet
{
    private const int PictureSide = 64;
    private const string Kind = "easy-VQA";
    private const int TrainPicturesPerWatched = 20;

    private readonly byte[][] pictures;
    private readonly IReadOnlyList<PictureQuestion>[] questions;

    private EasyVqaSet(byte[][] pictures, IReadOnlyList<PictureQuestion>[] questions) => (this.pictures, this.questions) = (pictures, questions);

    /// <inheritdoc/>
    public override int Side => PictureSide;

    /// <inheritdoc/>
    public override int Count => pictures.Length;

    /// <summary>Reads the sets: of the training pictures, every twentieth is there to watch progress by.</summary>
    /// <param name="folder">The unpacked archive, or its <c>data</c> folder.</param>
    /// <exception cref="UserException">A file is missing, unreadable or broken.</exception>
    public static (QuestionSet Train, QuestionSet Dev, QuestionSet Test) Read(string folder)
    {
        var inner = new[] { "", "data", Path.Combine("easy_vqa", "data") }.Select(part => Path.Combine(folder, part))
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "train", "questions.json")))
            ?? throw new UserException($"Can't find train{Path.DirectorySeparatorChar}questions.json in {folder}: expected the unpacked easy-VQA archive.");
        var learned = ReadPart(Path.Combine(inner, "train"));
        return (learned.Part(i => i % TrainPicturesPerWatched != 0), learned.Part(i => i % TrainPicturesPerWatched == 0), ReadPart(Path.Combine(inner, "test")));
    }

    /// <inheritdoc/>
    public override byte[] Pixels(int picture) => pictures[picture];

    /// <inheritdoc/>
    public override IReadOnlyList<PictureQuestion> Questions(int picture) => questions[picture];

    private EasyVqaSet Part(Func<int, bool> takes) =>
        new([.. pictures.Where((_, i) => takes(i))], [.. questions.Where((_, i) => takes(i))]);

    private static EasyVqaSet ReadPart(string folder)
    {
        var path = Path.Combine(folder, "questions.json");
        var asked = FileErrors.Guard($"read {path}", () => ReadQuestions(path));
        var numbers = asked.Keys.Order().ToArray();
        return new(
            Array.ConvertAll(numbers, number => PictureFile.Read(
                Path.Combine(folder, "images", $"{number.ToString(CultureInfo.InvariantCulture)}.png"), PictureSide, PictureSide, 3).Pixels),
            Array.ConvertAll(numbers, number => (IReadOnlyList<PictureQuestion>)asked[number]));
    }

    // A list of [question, answer, number of the picture].
    private static Dictionary<int, List<PictureQuestion>> ReadQuestions(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        if (document.RootElement.ValueKind != JsonValueKind.Array) throw new InvalidDataException("it is no list of questions");
        var asked = new Dictionary<int, List<PictureQuestion>>();
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var (question, answer, picture) = Read(entry) ?? throw new InvalidDataException($"expected [question, answer, number], found {Shorten(entry.GetRawText())}");
            var words = PictureQuestion.Split(question);
            if (words.Length == 0) throw new InvalidDataException($"a question about picture {picture} is empty");
            if (!asked.TryGetValue(picture, out var list)) asked.Add(picture, list = []);
            list.Add(new(words, answer, Kind));
        }

        return asked.Count > 0 ? asked : throw new InvalidDataException("it holds no question");
    }

    private static (string Question, string Answer, int Picture)? Read(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 3
        && Text(entry[0]) is { } question && Text(entry[1]) is { } answer
        && entry[2].ValueKind == JsonValueKind.Number && entry[2].TryGetInt32(out var picture)
            ? (question, answer, picture)
            : null;

    private static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)       // half of a character
        {
            return null;
        }
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
