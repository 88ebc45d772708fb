using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Decoding;

public class GreedyDecoderTests
{
    [Fact]
    public void The_likeliest_symbol_is_taken_until_the_end_mark()
    {
        // Row by row the script of what is likeliest; 2 is the end.
        var model = new ScriptedModel([[4, 3, 2, 5], [2, 4, 4, 4], [5, 5, 5, 5]]);
        var written = new GreedyDecoder(model, maximumLength: 4).Decode([[3], [3], [3]]);
        Assert.Equal([4, 3], written[0].Tokens);
        Assert.Empty(written[1].Tokens);
        Assert.Equal([5, 5, 5, 5], written[2].Tokens);
        Assert.Equal([true, true, false], written.Select(hypothesis => hypothesis.IsComplete));
    }

    [Fact]
    public void Log_probabilities_are_summed_to_the_end_mark_and_not_further()
    {
        var model = new ScriptedModel([[4, 2, 5], [4, 4, 2]]);
        var written = new GreedyDecoder(model, 3).Decode([[3], [3]]);
        Assert.Equal(2 * ScriptedModel.LogProbability, written[0].LogProbability, 1e-5);
        Assert.Equal(3 * ScriptedModel.LogProbability, written[1].LogProbability, 1e-5);
    }

    [Fact]
    public void Each_step_is_given_the_symbol_before()
    {
        var model = new ScriptedModel([[4, 3, 2]]);
        new GreedyDecoder(model).Decode([[3]]);
        Assert.Equal([Vocabulary.Start, 4, 3], model.Given);
    }

    [Fact]
    public void Weights_have_a_row_for_each_symbol_and_the_end_and_no_padding()
    {
        var model = new ScriptedModel([[4, 2, 5], [4, 4, 2]]);
        var written = new GreedyDecoder(model, 3).Decode([[3], [3, 3]], needWeights: true);
        Assert.Equal((2, 1), (written[0].Weights!.GetLength(0), written[0].Weights!.GetLength(1)));
        Assert.Equal((3, 2), (written[1].Weights!.GetLength(0), written[1].Weights!.GetLength(1)));
        Assert.Null(new GreedyDecoder(new ScriptedModel([[2]])).Decode([[3]])[0].Weights);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var model = Models.Small())
        {
            new GreedyDecoder(model, 10).Decode([[3, 4], [5]], needWeights: true);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_source_is_written_alike_in_any_batch()
    {
        random.manual_seed(3);
        using var model = Models.Small();
        int[][] sources = [[3, 4, 5], [6], [5, 5, 4, 3, 6, 3]];
        var decoder = new GreedyDecoder(model, 12);
        var together = decoder.Decode(sources);
        for (var i = 0; i < sources.Length; i++)
        {
            var alone = decoder.Decode([sources[i]])[0];
            Assert.Equal(alone.Tokens, together[i].Tokens);
            Assert.Equal(alone.LogProbability, together[i].LogProbability, 1e-4);
        }
    }

    [Fact]
    public void A_length_that_is_not_positive_and_empty_sources_are_refused()
    {
        var model = new ScriptedModel([[2]]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new GreedyDecoder(model, 0));
        Assert.Throws<ArgumentException>(() => new GreedyDecoder(model).Decode([]));
        Assert.Throws<ArgumentException>(() => new GreedyDecoder(model).Decode([[]]));
    }
}
