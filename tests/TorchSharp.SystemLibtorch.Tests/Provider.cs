namespace TorchSharp.SystemLibtorch.Tests;

/// <summary>Which TorchSharp these tests run on: the stand-in or the published one.</summary>
internal static class Provider
{
    public static bool IsPublished { get; } = typeof(torch).Assembly.GetName().Version is { Major: 0, Minor: 107 };
}
