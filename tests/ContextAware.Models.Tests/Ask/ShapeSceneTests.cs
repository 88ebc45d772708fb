using Ask.Questions;

namespace ContextAware.Models.Tests.Ask;

public class ShapeSceneTests
{
    [Fact]
    public void Every_answer_is_what_the_things_say()
    {
        var answers = new HashSet<string>();
        foreach (var scene in Enumerable.Range(0, 300).Select(seed => ShapeScene.Make(new Random(seed))))
        {
            Assert.Equal((10, 10), (Count(ShapeScene.NonRelational), Count(ShapeScene.Relational)));
            foreach (var question in scene.Questions)
            {
                Assert.Equal(Answer(scene, string.Join(' ', question.Words)), question.Answer);
                answers.Add(question.Answer);
            }

            int Count(string kind) => scene.Questions.Count(question => question.Kind == kind);
        }

        Assert.Equal(["1", "2", "3", "4", "5", "6", "circle", "no", "rectangle", "yes"], answers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Things_are_painted_where_they_lie_and_do_not_overlap()
    {
        foreach (var scene in Enumerable.Range(0, 50).Select(seed => ShapeScene.Make(new Random(seed))))
        {
            var pixels = scene.Draw();
            foreach (var thing in scene.Things)
            {
                var middle = ((thing.Row * ShapeScene.Side) + thing.Column) * 3;
                Assert.Equal(ShapeScene.Colours[thing.Colour], Name(pixels[middle], pixels[middle + 1], pixels[middle + 2]));
                Assert.DoesNotContain(scene.Things, other => other != thing && Distance(thing, other) < 2 * ShapeScene.Half);
                // A circle leaves its corners white, unless another thing is there.
                var corner = (((thing.Row - ShapeScene.Half) * ShapeScene.Side) + thing.Column - ShapeScene.Half) * 3;
                var painted = (pixels[corner], pixels[corner + 1], pixels[corner + 2]) == (pixels[middle], pixels[middle + 1], pixels[middle + 2]);
                Assert.True(!thing.IsCircle || !painted);
            }
        }
    }

    [Fact]
    public void The_sets_of_the_protocol_share_no_picture()
    {
        var (train, dev, test) = ShapeSet.Protocol(1, train: 20);
        var pictures = new[] { train, dev, test }.SelectMany(set => Enumerable.Range(0, 20).Select(set.Pixels)).Select(Convert.ToHexString).ToArray();
        Assert.Equal(60, pictures.Distinct().Count());
        Assert.Equal((9800, 200), (ShapeSet.TrainCount, test.Count));
    }

    private static string Answer(ShapeScene scene, string question)
    {
        var about = scene.Things.Single(thing => question.Contains($"the {ShapeScene.Colours[thing.Colour]} object", StringComparison.Ordinal));
        var others = scene.Things.Where(thing => thing != about).ToArray();
        var nearest = others.Min(other => Distance(about, other));
        var farthest = others.Max(other => Distance(about, other));
        return question.Split(" the ")[0] switch
        {
            "is" when question.EndsWith("left", StringComparison.Ordinal) => about.Column < 37 ? "yes" : "no",
            "is" => about.Row < 37 ? "yes" : "no",
            "how many objects have" => $"{scene.Things.Count(thing => thing.Shape == about.Shape)}",
            _ when question.Contains("closest", StringComparison.Ordinal) => others.First(other => Distance(about, other) == nearest).Shape,
            _ when question.Contains("farthest", StringComparison.Ordinal) => others.Last(other => Distance(about, other) == farthest).Shape,
            _ => about.Shape,
        };
    }

    private static double Distance(Thing one, Thing other) => Math.Sqrt(Math.Pow(one.Row - other.Row, 2) + Math.Pow(one.Column - other.Column, 2));

    private static string Name(byte red, byte green, byte blue) => (red, green, blue) switch
    {
        ( > 200, < 100, < 100) => "red",
        ( < 100, > 100, < 100) => "green",
        ( < 100, < 100, > 200) => "blue",
        ( > 200, > 200, < 100) => "yellow",
        ( > 200, _, < 100) => "orange",
        _ => "gray",
    };
}
