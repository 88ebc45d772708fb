using ContextAware.Models.Decoding;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Decoding;

/// <summary>A model that finds one symbol likeliest at each step, row by row after a script.</summary>
internal sealed class ScriptedModel(int[][] script) : ISequenceModel
{
    private const int Symbols = 6;
    private const double Advantage = 2;

    /// <summary>The log-probability of a scripted symbol.</summary>
    public static double LogProbability { get; } = Advantage - Math.Log(Math.Exp(Advantage) + Symbols - 1);

    /// <summary>What the first row was given.</summary>
    public List<long> Given { get; } = [];

    public DecodingSession Start(Tensor source, Tensor sourceLengths) => new Session(this, source.shape[1]);

    private sealed class Session(ScriptedModel model, long width) : DecodingSession
    {
        private int step;

        public override DecodingStep Advance(Tensor tokens)
        {
            model.Given.Add(tokens[0].item<long>());
            var rows = (int)tokens.shape[0];
            var logits = zeros(rows, Symbols);
            for (var row = 0; row < rows; row++) logits[row, model.Script(row, step)] = Advantage;
            step++;
            return new(logits, full([rows, width], 1.0 / width));
        }

        public override void Reorder(long[] rows) => throw new NotSupportedException("A greedy decoder does not reorder.");

        protected override void Dispose(bool disposing)
        {
        }
    }

    private int Script(int row, int step) => script[row][step];
}
