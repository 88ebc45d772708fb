using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>Models that write one target together: at each step the mean of their probabilities is what the decoder sees.</summary>
/// <remarks>
/// They read and write the same symbols; else they may be of any kind, recurrent beside transformer say. Trained from unlike
/// beginnings they err in unlike places, so that together they are mostly better than the best of them (Sutskever et al. 2014,
/// arXiv 1409.3215, section 3.6). Each step takes as long as all of theirs.
/// </remarks>
public sealed class ModelEnsemble : ISequenceModel
{
    private readonly ISequenceModel[] models;
    private readonly double[] shares;

    /// <summary>Takes the models; put them in eval mode. They stay the caller's.</summary>
    /// <param name="models">At least one.</param>
    /// <param name="shares">How much each one's word counts, above 0: only how they compare matters. Null: all alike.</param>
    /// <exception cref="ArgumentException">There is no model, one is null, or the shares are not as many.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A share is not a number above 0.</exception>
    public ModelEnsemble(IReadOnlyList<ISequenceModel> models, IReadOnlyList<double>? shares = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (models.Count == 0 || models.Contains(null!))
            throw new ArgumentException(models.Count == 0 ? "Expected at least one model, got none." : "Expected models, got null among them.", nameof(models));
        if (shares is not null && shares.Count != models.Count)
            throw new ArgumentException($"Expected a share for each of {models.Count} models, got {shares.Count}.", nameof(shares));
        foreach (var share in shares ?? [])
        {
            if (!(share > 0 && double.IsFinite(share))) throw new ArgumentOutOfRangeException(nameof(shares), share, "Expected a finite number above 0.");
        }

        this.models = [.. models];
        this.shares = shares is null ? [.. models.Select(_ => 1.0 / models.Count)] : [.. shares.Select(share => share / shares.Sum())];
    }

    /// <inheritdoc/>
    public DecodingSession Start(Tensor source, Tensor sourceLengths)
    {
        var started = new List<DecodingSession>(models.Length);
        try
        {
            foreach (var model in models) started.Add(model.Start(source, sourceLengths));
            return new EnsembleSession([.. started], shares);
        }
        catch
        {
            started.ForEach(session => session.Dispose());
            throw;
        }
    }
}
