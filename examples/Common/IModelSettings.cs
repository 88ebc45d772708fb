namespace Examples.Common;

/// <summary>Settings that a model is made of.</summary>
public interface IModelSettings
{
    /// <summary>Holds the sizes against stored weights, before a model is made: none asks for more memory than the file holds.</summary>
    /// <exception cref="InvalidDataException">A size is another than the weights', or none of a model.</exception>
    void CheckAgainst(StoredShapes stored);
}
