using Caption.Digits;
using Caption.Writing;

namespace ContextAware.Models.Tests.Caption;

public class SceneTests
{
    private static readonly (DigitSet Train, DigitSet Dev, DigitSet Test) Digits = DigitSet.Load();

    [Fact]
    public void Ten_thousand_digits_are_cut_into_sets_that_share_none()
    {
        Assert.Equal((8511, 497, 992), (Digits.Train.Count, Digits.Dev.Count, Digits.Test.Count));
        var train = Frames(Digits.Train).ToHashSet();
        Assert.DoesNotContain(Frames(Digits.Test).Concat(Frames(Digits.Dev)), train.Contains);

        static IEnumerable<string> Frames(DigitSet set) =>
            from digit in Enumerable.Range(0, 10) from i in Enumerable.Range(0, set.CountOf(digit)) select Convert.ToBase64String(set.Frame(digit, i));
    }

    [Fact]
    public void Digits_lie_in_their_frames_from_left_to_right_and_hide_none()
    {
        var scenes = Scene.DrawMany(Digits.Test, 200, 5);
        Assert.Equal([1, 2, 3, 4], scenes.Select(scene => scene.Boxes.Count).Distinct().Order());
        foreach (var scene in scenes)
        {
            Assert.All(scene.Boxes.Zip(scene.Boxes.Skip(1)), pair => Assert.True(pair.First.Left + DigitSet.Side <= pair.Second.Left));
            for (var place = 0; place < scene.Pixels.Length; place++)
            {
                if (scene.Pixels[place] > 0)
                    Assert.Contains(scene.Boxes, box => box.Holds(place / Scene.Width, place % Scene.Width));
            }
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_pictures()
    {
        Assert.Equal(Scene.DrawMany(Digits.Test, 3, 5).Select(scene => scene.Pixels), Scene.DrawMany(Digits.Test, 3, 5).Select(scene => scene.Pixels));
        Assert.NotEqual(Scene.DrawMany(Digits.Test, 1, 5)[0].Pixels, Scene.DrawMany(Digits.Test, 1, 6)[0].Pixels);
    }

    [Fact]
    public void Scores_by_hand()
    {
        // A grid of two places over the picture, left and right.
        var scene = new Scene(new byte[Scene.Height * Scene.Width], [new(3, 10, 10), new(7, 10, 60)]);
        var right = new WrittenCaption(["three", "seven"], new[,] { { 0.9f, 0.1f }, { 0.2f, 0.8f }, { 0.5f, 0.5f } }, 1, 2);
        var wrong = new WrittenCaption(["three", "one", "one"], new[,] { { 0.9f, 0.1f }, { 0.8f, 0.2f }, { 0.5f, 0.5f }, { 1, 0 } }, 1, 2);
        Assert.Equal(new(1, 1, 1, 1), CaptionScore.Of([scene], [right]));
        Assert.Equal(new(0.5, 0.75, 0.75, 2), CaptionScore.Of([scene, scene], [right, wrong]));
        Assert.Equal("exact match 50.0%, words 75.0%, pointing 75.0% on 2 pictures", CaptionScore.Of([scene, scene], [right, wrong]).ToString());
        Assert.Equal((20.0, 72.0), right.Peak(1, Scene.Height, Scene.Width));
    }
}
