namespace Ask.Questions;

/// <summary>
/// A picture of six things, one of each colour, and twenty questions about it: the protocol of Sort-of-CLEVR, Santoro et al. 2017
/// (arXiv 1706.01427), section 4.4 and its supplement.
/// </summary>
public sealed class ShapeScene
{
    /// <summary>Height and width of a picture.</summary>
    public const int Side = 75;

    /// <summary>Half the height and width of a thing.</summary>
    public const int Half = 5;

    /// <summary>Needs one thing.</summary>
    public const string NonRelational = "non-relational";

    /// <summary>Needs how things lie or how many there are.</summary>
    public const string Relational = "relational";

    private const int QuestionsOfAKind = 10;

    private static readonly byte[][] Paint = [[220, 20, 20], [20, 160, 20], [20, 20, 220], [255, 150, 0], [128, 128, 128], [240, 230, 20]];

    private ShapeScene(IReadOnlyList<Thing> things, IReadOnlyList<PictureQuestion> questions) => (Things, Questions) = (things, questions);

    /// <summary>The names of the colours.</summary>
    public static IReadOnlyList<string> Colours { get; } = ["red", "green", "blue", "orange", "gray", "yellow"];

    /// <summary>The things, in the order of their colours.</summary>
    public IReadOnlyList<Thing> Things { get; }

    /// <summary>Ten questions that need one thing, and ten relational ones.</summary>
    public IReadOnlyList<PictureQuestion> Questions { get; }

    /// <summary>Makes a picture and its questions.</summary>
    public static ShapeScene Make(Random random)
    {
        var things = new List<Thing>();
        while (things.Count < Colours.Count)
        {
            var thing = new Thing(things.Count, random.Next(2) == 0, random.Next(Half, Side - Half), random.Next(Half, Side - Half));
            if (things.TrueForAll(other => other.DistanceTo(thing) >= 4 * Half * Half)) things.Add(thing);
        }

        var questions = new List<PictureQuestion>();
        foreach (var kind in new[] { NonRelational, Relational })
        {
            for (var i = 0; i < QuestionsOfAKind; i++)
                questions.Add(Ask(things, things[random.Next(things.Count)], random.Next(3), kind));
        }

        return new(things, questions);
    }

    /// <summary>The picture: row by row, red, green and blue of a pixel side by side, on white.</summary>
    public byte[] Draw()
    {
        var pixels = new byte[Side * Side * 3];
        Array.Fill(pixels, (byte)255);
        foreach (var thing in Things)
        {
            for (var row = thing.Row - Half; row <= thing.Row + Half; row++)
            {
                for (var column = thing.Column - Half; column <= thing.Column + Half; column++)
                {
                    var (down, right) = (row - thing.Row, column - thing.Column);
                    if (row < Side && column < Side && (!thing.IsCircle || (down * down) + (right * right) <= Half * Half))
                        Paint[thing.Colour].CopyTo(pixels, ((row * Side) + column) * 3);
                }
            }
        }

        return pixels;
    }

    private static PictureQuestion Ask(List<Thing> things, Thing about, int which, string kind)
    {
        var thing = $"the {Colours[about.Colour]} object";
        var others = things.Where(other => other != about).OrderBy(about.DistanceTo).ToArray();
        var (text, answer) = (kind, which) switch
        {
            (NonRelational, 0) => ($"what is the shape of {thing}", about.Shape),
            (NonRelational, 1) => ($"is {thing} on the left", about.Column < Side / 2 ? "yes" : "no"),
            (NonRelational, _) => ($"is {thing} at the top", about.Row < Side / 2 ? "yes" : "no"),
            (_, 0) => ($"what is the shape of the object closest to {thing}", others[0].Shape),
            (_, 1) => ($"what is the shape of the object farthest from {thing}", others[^1].Shape),
            _ => ($"how many objects have the shape of {thing}", $"{things.Count(other => other.IsCircle == about.IsCircle)}"),
        };
        return new(PictureQuestion.Split(text), answer, kind);
    }
}
