namespace Examples.Common;

/// <summary>What reads sources and writes targets.</summary>
public enum NetworkKind
{
    /// <summary>A recurrent encoder and decoder.</summary>
    Recurrent,

    /// <summary>A transformer.</summary>
    Transformer,
}
