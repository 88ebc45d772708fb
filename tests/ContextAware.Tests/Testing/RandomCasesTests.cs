using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Testing;

public class RandomCasesTests
{
    [Fact]
    public void Sizes_are_zero_one_or_prime_and_all_of_them_come()
    {
        var seen = new SortedSet<long>();
        RandomCases.Run(300, c => seen.Add(c.Size("n", maximum: 7, zero: true)));
        Assert.Equal([0, 1, 2, 3, 5, 7], seen);
        seen.Clear();
        RandomCases.Run(300, c => seen.Add(c.Size("n", maximum: 3)));
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void The_same_seed_gives_the_same_cases()
    {
        static List<string> Draw(int seed)
        {
            var all = new List<string>();
            RandomCases.Run(20, c => all.Add($"{c.Size("n")} {c.Flag("f")} {c.Pick("p", 'a', 'b')} {c.Number("x", 0, 1)} {c.Normal(1).item<double>()}"), seed);
            return all;
        }

        Assert.Equal(Draw(5), Draw(5));
        Assert.NotEqual(Draw(5), Draw(6));
    }

    [Fact]
    public void A_failure_names_the_draws_and_how_to_run_it_again()
    {
        var ran = new List<int>();
        var message = Failure.Of(() => RandomCases.Run(10, c =>
        {
            ran.Add(c.Index);
            c.Pick("width", 7);
            c.Pick("causal", true);
            Assert.NotEqual(3, c.Index);
        }, seed: 42));
        Assert.Equal([0, 1, 2, 3], ran);
        Assert.StartsWith("Case 3 of 10: width=7, causal=True", message, StringComparison.Ordinal);
        Assert.EndsWith("Again: CONTEXTAWARE_CASE=42/3 dotnet test --filter-method '*.A_failure_names_the_draws_and_how_to_run_it_again'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_case_runs_alone_with_the_same_draws()
    {
        var all = new List<double>();
        RandomCases.Run(5, c => all.Add(c.Number("x", 0, 1)), seed: 9);
        var alone = new List<double>();
        RandomCases.Run(5, c => alone.Add(c.Number("x", 0, 1)), seed: 1, "test", only: "9/3");
        Assert.Equal([all[3]], alone);
        Assert.Contains("seed/index", Failure.Of(() => RandomCases.Run(5, _ => { }, 1, "test", only: "x")));
    }

    [Fact]
    public void Masks_and_normals_have_the_asked_for_frequencies()
        => RandomCases.Run(1, c =>
        {
            Assert.Equal(0.3, c.Mask(0.3, 100, 100).to(ScalarType.Float64).mean().item<double>(), 0.03);
            var normal = c.Normal(100, 100);
            Assert.Equal(0, normal.mean().item<double>(), 0.05);
            Assert.Equal(1, (normal * normal).mean().item<double>(), 0.05);
        });
}
