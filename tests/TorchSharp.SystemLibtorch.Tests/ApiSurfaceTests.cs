using System.IO.Compression;
using System.Reflection;

namespace TorchSharp.SystemLibtorch.Tests;

/// <summary>The stand-in shows nothing that TorchSharp does not: every public member is one of TorchSharp's, to the letter.</summary>
public class ApiSurfaceTests
{
    // Generated protobuf types: of no use here, and left out of the list.
    private const string LeftOut = "Tensorboard.";

    private static readonly HashSet<string> s_torchSharp = [.. ReadList("public-api-0.107.0.txt.br")];

    [Fact]
    public void Every_public_member_is_a_member_of_TorchSharp()
    {
        var surface = ApiSurface.Of(typeof(torch).Assembly.Location);
        var extra = surface.Where(line => !line.StartsWith(LeftOut, StringComparison.Ordinal) && !s_torchSharp.Contains(line)).ToList();
        Assert.True(extra.Count == 0, $"{extra.Count} of {surface.Count} public members are not TorchSharp's:\n{string.Join('\n', extra.Take(50))}");
    }

    [Fact]
    public void The_list_is_the_surface_of_the_published_assembly()
    {
        Assert.SkipUnless(Provider.IsPublished, "Not the published TorchSharp 0.107.");
        var surface = ApiSurface.Of(typeof(torch).Assembly.Location);
        Assert.Empty(s_torchSharp.Except(surface));
    }

    [Fact]
    public void A_member_that_TorchSharp_lacks_is_found()
    {
        var own = ApiSurface.Of(Assembly.GetExecutingAssembly().Location);
        Assert.Contains($"{typeof(ApiSurfaceTests).FullName} method {nameof(A_member_that_TorchSharp_lacks_is_found)}() -> void", own);
        Assert.DoesNotContain(own, s_torchSharp.Contains);
    }

    private static string[] ReadList(string resource)
    {
        using var compressed = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(new BrotliStream(compressed, CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
