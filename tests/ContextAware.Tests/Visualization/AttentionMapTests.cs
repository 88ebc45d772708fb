using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class AttentionMapTests
{
    [Fact]
    public void Weights_are_found_by_layer_head_row_and_column()
    {
        var map = Maps.Heads;
        Assert.Equal((2, 2, 2, 3), (map.Layers, map.Heads, map.Rows, map.Columns));
        Assert.Equal((12 + 6 + 3 + 2) / 24f, map[1, 1, 1, 2]);
        Assert.Equal([9 / 24f, 10 / 24f, 11 / 24f], map.Row(0, 1, 1));
        Assert.Equal(map[1, 0, 1, 2], map.Head(1, 0)[0, 0, 1, 2]);
    }

    [Fact]
    public void All_ways_to_make_a_map_agree()
    {
        var four = new float[1, 2, 1, 2];
        for (var i = 0; i < 4; i++)
            four[0, i / 2, 0, i % 2] = i;
        var map = new AttentionMap(four, ["r"], ["a", "b"]);
        var flat = AttentionMap.FromFlat([0, 1, 2, 3], 1, 2, ["r"], ["a", "b"]);
        Assert.Equal(flat.Row(0, 1, 0), map.Row(0, 1, 0));
        Assert.Equal([2f, 3], new AttentionMap(new float[,] { { 2, 3 } }, ["r"], ["a", "b"]).Row(0, 0, 0));
        var vector = AttentionMap.FromVector([2, 3], ["a", "b"]);
        Assert.Equal((2, 1, 3f), (vector.Rows, vector.Columns, vector[0, 0, 1, 0]));
    }

    [Fact]
    public void A_map_keeps_its_own_copy()
    {
        var weights = new float[,] { { 1 } };
        string[] labels = ["x"];
        var map = new AttentionMap(weights, labels, labels);
        weights[0, 0] = 7;
        labels[0] = "y";
        Assert.Equal((1f, "x"), (map[0, 0, 0, 0], map.RowLabels[0]));
    }

    [Fact]
    public void A_head_and_the_mean_say_so_in_their_titles()
    {
        Assert.Equal("heads · layer 2 · head 1", Maps.Heads.Head(1, 0).Title);
        Assert.Equal("heads · mean of 4 heads", Maps.Heads.Mean().Title);
        Assert.Equal("tiny", Maps.Tiny.Head(0, 0).Title);
        Assert.Equal("phones", Maps.Tiny.Mean().RowAxis);
        Assert.Equal((0 + 6 + 12 + 18) / 4f / 24f, Maps.Heads.Mean()[0, 0, 0, 0]);
    }

    [Fact]
    public void The_scale_starts_at_zero_or_below_and_is_never_empty()
    {
        static (float, float) Scale(params float[] values) => AttentionMap.FromVector(values, [.. values.Select(_ => "")]) is var map ? (map.Low, map.High) : default;
        Assert.Equal((0, 0.5f), Scale(0.25f, 0.5f));
        Assert.Equal((-2, 3), Scale(-2, 3));
        Assert.Equal((-2, 0), Scale(-2, -1));
        Assert.Equal((0, 1), Scale(0, 0));
        Assert.Equal((0, 1), Scale());
    }

    [Fact]
    public void Labels_of_another_number_are_refused()
    {
        Assert.Equal("Expected 2 labels for 2 rows, got 1. (Parameter 'rowLabels')",
            Assert.Throws<ArgumentException>(() => new AttentionMap(new float[2, 3], ["a"], ["a", "b", "c"])).Message);
        Assert.Equal("Expected 3 labels for 3 columns, got 4. (Parameter 'columnLabels')",
            Assert.Throws<ArgumentException>(() => new AttentionMap(new float[2, 3], ["a", "b"], ["a", "b", "c", "d"])).Message);
        Assert.Contains("got 5 weights", Assert.Throws<ArgumentException>(() => AttentionMap.FromFlat(new float[5], 1, 1, ["a", "b"], ["a", "b", "c"])).Message);
        Assert.Contains("Label 1 is null", Assert.Throws<ArgumentException>(() => new AttentionMap(new float[2, 0], ["a", null!], [])).Message);
    }

    [Theory]
    [InlineData(float.NaN, "The weight at [1, 2] is NaN")]
    [InlineData(float.PositiveInfinity, "The weight at [1, 2] is Infinity")]
    public void What_is_no_number_is_refused_with_its_place(float value, string message)
        => Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => new AttentionMap(new float[,] { { 0, 0, 0 }, { 0, 0, value } }, ["a", "b"], ["a", "b", "c"])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_place_of_a_bad_weight_names_layer_and_head()
    {
        var weights = new float[24];
        weights[23] = float.NaN;
        Assert.StartsWith("The weight at [1, 1, 1, 2] is NaN", Assert.Throws<ArgumentException>(() => AttentionMap.FromFlat(weights, 2, 2, ["x", "y"], ["a", "b", "c"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_no_heads_and_indices_outside_are_refused()
    {
        Assert.Equal("weights", Assert.Throws<ArgumentNullException>(() => new AttentionMap((float[,])null!, [], [])).ParamName);
        Assert.Equal("rowLabels", Assert.Throws<ArgumentNullException>(() => new AttentionMap(new float[0, 0], null!, [])).ParamName);
        Assert.Contains("at least one layer and one head, got 0 and 2", Assert.Throws<ArgumentException>(() => new AttentionMap(new float[0, 2, 1, 1], ["a"], ["a"])).Message);
        Assert.Equal("layer", Assert.Throws<ArgumentOutOfRangeException>(() => Maps.Heads.Head(2, 0)).ParamName);
        Assert.Equal("head", Assert.Throws<ArgumentOutOfRangeException>(() => Maps.Heads.Row(0, -1, 0)).ParamName);
        Assert.Equal("row", Assert.Throws<ArgumentOutOfRangeException>(() => Maps.Heads[0, 0, 2, 0]).ParamName);
        Assert.Equal("column", Assert.Throws<ArgumentOutOfRangeException>(() => Maps.Heads[0, 0, 0, 3]).ParamName);
    }
}
