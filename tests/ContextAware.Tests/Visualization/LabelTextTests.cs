using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class LabelTextTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("ｆ", 2)] // full width
    [InlineData("한국", 4)]
    [InlineData("\u1112\u1161\u11ab", 2)] // the same syllable in pieces
    [InlineData("e\u0301", 1)] // e and an accent
    [InlineData("שָׁלוֹם", 4)] // letters with vowel points
    [InlineData("😀", 2)]
    [InlineData("👩‍👩‍👧", 2)] // joined
    [InlineData("❤️", 2)] // a heart drawn as an emoji
    [InlineData("🇩🇪", 2)]
    [InlineData("👍🏽", 2)]
    [InlineData("a→b", 3)]
    public void Columns_of_a_terminal(string text, int columns) => Assert.Equal(columns, LabelText.Columns(text));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(" ", "␣")]
    [InlineData("  ", "␣␣")]
    [InlineData(" the", " the")]
    [InlineData("a\tb\n", "a␉b␊")]
    [InlineData("\u001b[31m", "␛[31m")]
    [InlineData("a\u0085b\u007f", "a\uFFFDb\uFFFD")]
    [InlineData("\u202Eevil\u2066", "\uFFFDevil\uFFFD")]
    [InlineData("a\u2028b", "a\uFFFDb")]
    [InlineData("\uFFFE", "\uFFFD")]
    [InlineData("👩‍👩‍👧", "👩‍👩‍👧")]
    public void What_could_act_becomes_visible(string label, string visible) => Assert.Equal(visible, LabelText.Visible(label));

    [Fact]
    public void A_lone_surrogate_becomes_visible() => Assert.Equal("a\uFFFD", LabelText.Visible("a\uD800"));

    [Theory]
    [InlineData("abc", 5, "abc  ")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("日本語", 4, "日… ")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("abc", 0, "")]
    public void Text_is_fitted_to_exactly_so_many_columns(string text, int width, string expected)
    {
        Assert.Equal(expected, LabelText.Fit(text, width));
        Assert.Equal(width, LabelText.Columns(LabelText.Fit(text, width, right: true)));
        Assert.Equal(width, LabelText.Columns(LabelText.Centre(text, width)));
    }

    [Theory]
    [InlineData("שלום", true, true)]
    [InlineData("(عالم)", true, true)]
    [InlineData("a שלום", true, false)]
    [InlineData("abc", false, false)]
    [InlineData("日本", false, false)]
    [InlineData("", false, false)]
    public void Direction(string text, bool has, bool starts)
    {
        Assert.Equal(has, LabelText.HasRightToLeft(text));
        Assert.Equal(starts, LabelText.StartsRightToLeft(text));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.004, "0")]
    [InlineData(-0.004, "0")]
    [InlineData(0.005001, ".01")]
    [InlineData(0.5, ".50")]
    [InlineData(0.994, ".99")]
    [InlineData(0.996, "1")]
    [InlineData(1.25, "1.3")]
    [InlineData(-0.25, "-.25")]
    [InlineData(-3.14, "-3.1")]
    [InlineData(42.4, "42")]
    [InlineData(12345, "1e4")]
    public void Numbers_for_cells_are_short(double value, string text) => Assert.Equal(text, Numbers.Short(value));
}
