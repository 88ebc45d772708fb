using Pronounce.Speech;
using Pronounce.Words;

namespace ContextAware.Models.Tests.Pronounce;

public class PronunciationScoreTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("A B", "", 2)]
    [InlineData("", "A", 1)]
    [InlineData("K I T T E N", "S I T T I N G", 3)]
    [InlineData("A B C", "B C D", 2)]
    [InlineData("A B", "B A", 2)]
    public void Edits_are_counted(string first, string second, int expected)
    {
        Assert.Equal(expected, EditDistance.Between(Phones(first), Phones(second)));
        Assert.Equal(expected, EditDistance.Between(Phones(second), Phones(first)));
    }

    [Fact]
    public void A_word_is_right_if_any_pronunciation_matches_and_phones_count_against_the_closest()
    {
        LexiconEntry[] words =
        [
            new("READ", [Phones("R EH D"), Phones("R IY D")]),
            new("CHAI", [Phones("CH AY"), Phones("CH EY IY")]),
            new("SIX", [Phones("S IH K S")]),
        ];
        var score = PronunciationScore.Of([Phones("R IY D"), Phones("CH EY"), Phones("S IH S")], words);
        Assert.Equal(2.0 / 3, score.WordErrorRate, 9);
        Assert.Equal((0 + 1 + 1) / (3.0 + 2 + 4), score.PhoneErrorRate, 9);
        Assert.Equal("WER 66.7% PER 22.2% on 3 words", score.ToString());
    }

    [Fact]
    public void No_words_and_words_without_an_answer_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PronunciationScore.Of([], []));
        Assert.Throws<ArgumentException>(() => PronunciationScore.Of([], [new("A", [Phones("AH")])]));
    }

    private static string[] Phones(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
