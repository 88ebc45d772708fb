namespace ContextAware.Models.Training;

/// <summary>What moves the weights.</summary>
public enum OptimizerKind
{
    /// <summary>Adam: Kingma and Ba 2015 (arXiv 1412.6980). Weight decay is added to the gradient.</summary>
    Adam,

    /// <summary>Adam with the weights' decay apart from the gradient: Loshchilov and Hutter 2019 (arXiv 1711.05101).</summary>
    AdamW,
}
