namespace ContextAware.Models.Seq2Seq;

/// <summary>How likely scheduled sampling gives the true symbol at a point of the training.</summary>
/// <param name="step">How many steps of training have been taken.</param>
/// <returns>A probability.</returns>
public delegate double SamplingSchedule(long step);
