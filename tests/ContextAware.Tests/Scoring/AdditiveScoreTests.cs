using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class AdditiveScoreTests
{
    [Fact]
    public void A_score_computed_by_hand()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(queryWidth: 1, keyWidth: 2, hidden: 2);
        score.load_state_dict(new()
        {
            ["W_q.weight"] = tensor(new float[,] { { 2 }, { -1 } }),
            ["W_k.weight"] = tensor(new float[,] { { 1, 0 }, { 0, 3 } }),
            ["w_v.weight"] = tensor(new float[,] { { 5, 7 } }),
        });
        var scores = score.call(tensor(new float[,] { { 0.5f } }), tensor(new float[,,] { { { 0.25f, 0.5f }, { -1, 0 } } }));
        // 5 tanh(1 + 0.25) + 7 tanh(-0.5 + 1.5);  5 tanh(1 - 1) + 7 tanh(-0.5 + 0)
        Assert.Equal([1, 2], scores.shape);
        Assert.Equal((5 * Math.Tanh(1.25)) + (7 * Math.Tanh(1)), scores[0, 0].item<float>(), 5);
        Assert.Equal(7 * Math.Tanh(-0.5), scores[0, 1].item<float>(), 5);
    }

    [Fact]
    public void A_step_gives_what_the_whole_gives_at_that_step()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(5, 7, 11, bias: true);
        var query = randn(2, 3, 5);
        var key = randn(2, 13, 7);
        var whole = score.call(query, key);
        var projected = score.ProjectKeys(key);
        for (var t = 0; t < 3; t++)
        {
            var step = score.Score(query[TensorIndex.Colon, t], projected);
            Assert.Equal([2, 13], step.shape);
            Assert.True(allclose(step, whole[TensorIndex.Colon, t], atol: 1e-6));
        }
    }
}
