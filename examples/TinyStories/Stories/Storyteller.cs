using System.Runtime.CompilerServices;
using ContextAware.Models.Generation;
using ContextAware.Models.LanguageModels;
using ContextAware.Visualization;
using Examples.Common;
using TinyStories.Llama2c;
using TorchSharp;
using static TorchSharp.torch;

namespace TinyStories.Stories;

/// <summary>A model with its tokenizer.</summary>
public sealed class Storyteller : IDisposable
{
    private readonly Llama2cTokenizer tokenizer;
    private readonly DecoderOnlyModel model;

    /// <summary>Takes a model over.</summary>
    public Storyteller(DecoderOnlyModel model, Llama2cTokenizer tokenizer) => (this.model, this.tokenizer) = (model, tokenizer);

    /// <summary>Reads a model and its tokenizer.</summary>
    /// <exception cref="UserException">A file can't be read or is broken, or the two do not belong together.</exception>
    public static Storyteller Load(string modelPath, string tokenizerPath)
    {
        var tokenizer = FileErrors.Guard($"read the tokenizer {tokenizerPath}", () => Llama2cTokenizer.Read(tokenizerPath));
        var model = StoryModel.Load(modelPath);
        if (model.Options.Vocabulary == tokenizer.Count) return new(model, tokenizer);
        var vocabulary = model.Options.Vocabulary;
        model.Dispose();
        throw new UserException($"The model {modelPath} knows {vocabulary} tokens, and the tokenizer {tokenizerPath} has {tokenizer.Count}: they do not belong together.");
    }

    /// <summary>Tells a story, piece by piece as UTF-8 bytes: not always whole characters.</summary>
    /// <param name="prompt">How it begins; may be empty.</param>
    /// <param name="options">How it goes on.</param>
    /// <param name="cancellation">Stops after the present token.</param>
    /// <returns>First the prompt, then a piece for each token.</returns>
    /// <exception cref="UserException">The prompt is too long, or has a character that the tokenizer lacks.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> Tell(
        string prompt, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var tokens = Encode(prompt);
        for (var i = 1; i < tokens.Length; i++) yield return tokenizer.Decode(tokens[i - 1], tokens[i]).ToArray();
        var previous = tokens[^1];
        // The mark that begins a text also ends one: the model has learned from stories one after another.
        var stopping = options with { StopTokens = [Llama2cTokenizer.Begin, Llama2cTokenizer.End] };
        await foreach (var token in new TextGenerator(model).StreamAsync([tokens], stopping, cancellation).ConfigureAwait(false))
        {
            yield return tokenizer.Decode(previous, token.Token).ToArray();
            previous = token.Token;
        }
    }

    /// <summary>Where each token of a text looks, in every layer and head.</summary>
    /// <exception cref="UserException">The text is too long, or has a character that the tokenizer lacks.</exception>
    public AttentionMap Look(string text)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var tokens = Encode(text);
        var input = tensor(Array.ConvertAll(tokens, token => (long)token), [1, tokens.Length]);
        var weights = cat([.. model.call(input, needWeights: true).Weights!], 0).contiguous();              // [layers, H, T, T]
        var labels = tokens.Select((token, i) => i == 0 ? "(begin)" : tokenizer.Decode([token]).Replace("\n", "⏎", StringComparison.Ordinal)).ToArray();
        return AttentionMap.FromFlat(weights.data<float>().ToArray(), (int)model.Options.Layers, (int)model.Options.Heads, labels, labels, text);
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => model.Dispose();

    private int[] Encode(string text)
    {
        var most = model.Options.Context;
        try
        {
            // Joining takes time that grows with the square of the length: a book is refused before.
            if (text.Length > most * LongestPiece) throw new UserException($"The text has {text.Length} characters, too many for the {most} tokens that the model can hold.");
            var tokens = tokenizer.Encode(text);
            return tokens.Length <= most ? tokens : throw new UserException($"The text has {tokens.Length} tokens; the model can hold {most}.");
        }
        catch (ArgumentException error)
        {
            throw new UserException(error.Message.Split(" (Parameter")[0], error);
        }
    }

    private int LongestPiece => Enumerable.Range(0, tokenizer.Count).Max(token => tokenizer.Decode(-1, token).Length);
}
