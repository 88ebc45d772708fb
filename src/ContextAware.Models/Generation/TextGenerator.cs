using System.Runtime.CompilerServices;
using ContextAware.Models.Decoding;
using ContextAware.Models.LanguageModels;

namespace ContextAware.Models.Generation;

/// <summary>Goes on with texts: greedily, by sampling or by beam search; all at once or as a stream.</summary>
/// <remarks>
/// A batch gives each prompt the text that it would get alone, whatever the lengths, also when sampling: the random numbers
/// depend on the seed and the prompt. A prompt that comes several times gets a sample each time. A single prompt on the CPU takes a path of its
/// own with few native calls.
/// </remarks>
/// <param name="model">The model; put it in eval mode.</param>
public sealed class TextGenerator(DecoderOnlyModel model)
{
    private readonly DecoderOnlyModel model = model ?? throw new ArgumentNullException(nameof(model));

    private DecoderOnlyTokens Tokens => new(model.Options.Vocabulary, model.Options.Context);

    /// <summary>Goes on with prompts until each has ended.</summary>
    /// <param name="prompts">Tokens, at least one each; <see cref="Prompts"/> takes them out of a padded batch.</param>
    /// <param name="options">How; greedily if null.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <returns>A text for each prompt.</returns>
    /// <exception cref="ArgumentException">There is no prompt, or one is empty, too long, or has a token that is none.</exception>
    /// <exception cref="InvalidOperationException">The model answers with numbers that are not finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<GeneratedText> Generate(IReadOnlyList<int[]> prompts, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        using var run = Begin(prompts, options);
        while (!run.IsDone)
        {
            cancellation.ThrowIfCancellationRequested();
            run.Step(static _ => { });
        }

        return Array.ConvertAll(run.Texts, text => text.Result);
    }

    /// <summary>Goes on with prompts and hands out each token when it is there. Steps run on the thread pool.</summary>
    /// <inheritdoc cref="Generate"/>
    /// <returns>The tokens in the order of the steps, in each step in the order of the prompts; no stop tokens.</returns>
    public IAsyncEnumerable<GeneratedToken> StreamAsync(IReadOnlyList<int[]> prompts, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        Check(prompts, options ??= new());
        return Stream(prompts, options, cancellation);
    }

    /// <summary>Searches for the likeliest texts with a beam.</summary>
    /// <param name="prompts">Tokens, at least one each.</param>
    /// <param name="options">How; its length counts the stop token too, and the context may end a text earlier.</param>
    /// <param name="stopTokens">Tokens that end a text; the search takes them as one.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <returns>For each prompt its hypotheses, the best first; their tokens are the model's.</returns>
    /// <exception cref="ArgumentException">There is no prompt, or one is empty, too long, or has a token that is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range, or a stop token is none of the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The model answers with numbers that are not finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Search(
        IReadOnlyList<int[]> prompts, BeamSearchOptions options, IReadOnlyCollection<int> stopTokens, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(stopTokens);
        Tokens.CheckPrompts(prompts);
        Tokens.CheckStops(stopTokens, nameof(stopTokens));
        var answers = new IReadOnlyList<Hypothesis>[prompts.Count];
        // Side by side go those that may become equally long: the context bounds a long prompt only.
        foreach (var alike in prompts.Index().GroupBy(pair => (int)Math.Min(options.MaximumLength, model.Options.Context + 1 - pair.Item.Length)))
        {
            var search = new BeamSearch(new PromptModel(model, stopTokens, alike.Key, options.Width, cancellation), options with { MaximumLength = alike.Key });
            var found = search.Decode([.. alike.Select(pair => pair.Item)], model.Place.Device);
            foreach (var (prompt, hypotheses) in alike.Zip(found)) answers[prompt.Index] = [.. hypotheses.Select(Renumber)];
        }

        return answers;

        static Hypothesis Renumber(Hypothesis found) => found with { Tokens = Array.ConvertAll(found.Tokens, token => token - PromptModel.First) };
    }

    private async IAsyncEnumerable<GeneratedToken> Stream(
        IReadOnlyList<int[]> prompts, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var run = await Task.Run(() => new GenerationRun(model, prompts, options), cancellation).ConfigureAwait(false);
        var tokens = new List<GeneratedToken>(prompts.Count);
        while (!run.IsDone)
        {
            tokens.Clear();
            await Task.Run(() => run.Step(tokens.Add), cancellation).ConfigureAwait(false);
            foreach (var token in tokens) yield return token;
        }
    }

    private GenerationRun Begin(IReadOnlyList<int[]> prompts, GenerationOptions? options)
    {
        Check(prompts, options ??= new());
        return new(model, prompts, options);
    }

    private void Check(IReadOnlyList<int[]> prompts, GenerationOptions options)
    {
        Tokens.CheckPrompts(prompts);
        options.Check(Tokens);
    }
}
