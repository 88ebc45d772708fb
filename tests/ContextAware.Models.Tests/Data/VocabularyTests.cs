using ContextAware.Models.Data;

namespace ContextAware.Models.Tests.Data;

public class VocabularyTests
{
    [Fact]
    public void Symbols_are_numbered_after_the_three_reserved_numbers()
    {
        var vocabulary = new Vocabulary(["b", "a"]);
        Assert.Equal(5, vocabulary.Count);
        Assert.Equal([4, 3, 4], vocabulary.Encode(["a", "b", "a"]));
    }

    [Fact]
    public void Symbols_of_sequences_are_taken_once_in_ordinal_order() =>
        Assert.Equal(["'", "A", "Z", "a"], Vocabulary.Of([["a", "Z"], ["A", "a", "'"]]).Symbols);

    [Fact]
    public void Decoding_undoes_encoding_and_leaves_the_reserved_numbers_out()
    {
        var vocabulary = new Vocabulary(["x", "yy"]);
        Assert.Equal(["yy", "x"], vocabulary.Decode([Vocabulary.Start, 4, 3, Vocabulary.End, Vocabulary.Padding]));
    }

    [Fact]
    public void An_unknown_symbol_is_named()
    {
        var vocabulary = new Vocabulary(["x"]);
        Assert.False(vocabulary.TryGetNumber("y", out _));
        Assert.Contains("'y'", Assert.Throws<ArgumentException>(() => vocabulary.Encode(["x", "y"])).Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void A_number_of_another_vocabulary_is_refused(int number) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Vocabulary(["x"]).Decode([number]));

    [Theory]
    [InlineData("comes twice", "a", "b", "a")]
    [InlineData("empty", "a", "")]
    [InlineData("at least one")]
    public void Bad_symbols_are_refused(string message, params string[] symbols) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new Vocabulary(symbols)).Message);
}
