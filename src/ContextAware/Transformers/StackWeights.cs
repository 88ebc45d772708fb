namespace ContextAware.Transformers;

/// <summary>Which layers' attention weights a stack is to return.</summary>
public enum StackWeights
{
    /// <summary>None, which is cheapest.</summary>
    None,

    /// <summary>Those of the last layer.</summary>
    LastLayer,

    /// <summary>Those of all layers, the first layer first.</summary>
    AllLayers,
}
