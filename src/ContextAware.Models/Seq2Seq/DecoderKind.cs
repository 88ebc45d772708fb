namespace ContextAware.Models.Seq2Seq;

/// <summary>When a recurrent decoder looks at the source, and what it does with what it sees.</summary>
public enum DecoderKind
{
    /// <summary>
    /// Before the step: Bahdanau et al. 2015 (arXiv 1409.0473). The state before looks; the context goes into the first layer
    /// and into the output.
    /// </summary>
    Bahdanau,

    /// <summary>
    /// After the step: Luong et al. 2015 (arXiv 1508.04025), section 3. The new state looks; h̃ = tanh(W_c [c; h]) goes into
    /// the output, and nowhere else.
    /// </summary>
    Luong,

    /// <summary>As <see cref="Luong"/>, and h̃ goes into the first layer of the next step: section 3.3, "input feeding".</summary>
    LuongInputFeeding,

    /// <summary>
    /// Google's translation system: Wu et al. 2016 (arXiv 1609.08144), section 3. The first layer looks before its step, and
    /// the context goes into every layer.
    /// </summary>
    Google,

    /// <summary>Never: the source is what the first state holds of it. Sutskever et al. 2014 (arXiv 1409.3215).</summary>
    Plain,
}
