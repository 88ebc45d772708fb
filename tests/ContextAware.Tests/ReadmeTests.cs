using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests;

public class ReadmeTests
{
    [Fact]
    public void The_example_does_what_it_says()
    {
        using var scope = NewDisposeScope();

        // README
        var attention = new MultiHeadAttention(512, heads: 8);
        var words = randn(2, 7, 512);                                    // [B, T, D]: batch first
        var mask = AttentionMask.FromLengths(7, 4) & AttentionMask.Causal;

        var (output, weights) = attention.call(words, mask: mask, needWeights: true);
        output.sum().backward();                                         // gradients reach every parameter
        var seen = weights![1, 0].sum(dim: 0);                           // [B, H, T, S]: what the second text's first head looked at
        Console.WriteLine(string.Join(" ", seen.data<float>()));         // the last three of seven are padding: 0
        // end

        Assert.Equal([2, 7, 512], output.shape);
        Assert.Equal([2, 8, 7, 7], weights.shape);
        Assert.Equal(0, weights[1, 0].sum(dim: 0)[4..].sum().item<float>());
        Assert.All(attention.parameters(), p => Assert.NotNull(p.grad));
    }

    [Fact]
    public void The_example_is_the_one_compiled_here()
    {
        var readme = File.ReadAllLines(Path.Combine(RepositoryPaths.Root, "README.md"));
        var example = readme.SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```").ToArray();
        var source = File.ReadAllLines(Path.Combine(RepositoryPaths.Root, "tests", "ContextAware.Tests", "ReadmeTests.cs"));
        var compiled = source.SkipWhile(line => line.Trim() != "// README").Skip(1).TakeWhile(line => line.Trim() != "// end");

        Assert.NotEmpty(example);
        Assert.Subset(source.ToHashSet(), example.Where(IsUsing).ToHashSet());
        Assert.Equal(Lines(compiled), Lines(example.Where(line => !IsUsing(line))));

        static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal);
        static IEnumerable<string> Lines(IEnumerable<string> lines) => lines.Select(line => line.Trim()).Where(line => line.Length > 0);
    }
}
