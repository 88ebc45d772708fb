using Examples.Common;
using Pronounce.Words;

namespace ContextAware.Models.Tests.Pronounce;

public class LexiconTests
{
    [Fact]
    public void Cmudicts_layout_is_read_with_comments_and_variants()
    {
        var words = Read(";;; a comment\nREAD  R EH1 D\nREAD(1)  R IY1 D\nCHAI  CH AY1\n", keepStress: true);
        Assert.Equal(["READ", "CHAI"], words.Entries.Select(entry => entry.Word));
        Assert.Equal(["R EH1 D", "R IY1 D"], Spoken(words.Entries[0]));
        Assert.Equal(3, words.PronunciationCount);
        Assert.Equal(["A", "C", "D", "E", "H", "I", "R"], words.Letters);
        Assert.Equal(["AY1", "CH", "D", "EH1", "IY1", "R"], words.Phones);
    }

    [Fact]
    public void Tab_separated_lines_are_read_and_words_put_in_capitals()
    {
        var words = Read("a cappella\tAA K AH\r\n\nread\tR EH D\nREAD\tR IY D");
        Assert.Equal(["A CAPPELLA", "READ"], words.Entries.Select(entry => entry.Word));
        Assert.Equal(["R EH D", "R IY D"], Spoken(words.Entries[1]));
    }

    [Fact]
    public void Stress_is_dropped_and_variants_that_then_are_one_are_counted_once()
    {
        var words = Read("SUBJECT  S AH1 B JH IH0 K T\nSUBJECT(1)  S AH0 B JH IH1 K T\n");
        Assert.Equal(["S AH B JH IH K T"], Spoken(words.Entries[0]));
    }

    [Fact]
    public void Parentheses_that_are_no_variant_stay() =>
        Assert.Equal(["(PAREN", "A(B)", "X()"], Read("(PAREN\tP\nA(B)\tP\nX()\tP").Entries.Select(entry => entry.Word));

    [Theory]
    [InlineData("READ")]
    [InlineData("READ\t")]
    [InlineData("READ   ")]
    [InlineData("\tR EH D")]
    [InlineData("  R EH D")]
    [InlineData("READ\tR 1 D")]
    [InlineData("READ\tR EH, D")]
    public void A_malformed_line_is_refused_with_its_number(string line)
    {
        var error = Assert.Throws<UserException>(() => Read($"OK\tOW K\n{line}\n"));
        Assert.Contains("words.txt, line 2:", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void The_dictionary_of_the_program_is_whole_and_its_sets_are_apart()
    {
        var sets = WordSets.Cmudict(keepStress: false);
        var (train, dev, test) = (Words(sets.Train), Words(sets.Dev), Words(sets.Test));
        Assert.Equal(123_874, train.Count + dev.Count + test.Count);
        Assert.Empty(train.Intersect(dev).Concat(train.Intersect(test)).Concat(dev.Intersect(test)));
        Assert.InRange(train.Count / 123_874.0, 0.895, 0.905);
        Assert.InRange(test.Count / 123_874.0, 0.075, 0.085);
        Assert.Equal(39, sets.All.Phones.Count);
        Assert.Equal(27, sets.All.Letters.Count);
        Assert.Equal(69, WordSets.Cmudict(keepStress: true).All.Phones.Count);
    }

    [Fact]
    public void A_word_stays_in_its_set_whatever_else_there_is()
    {
        // Published figures rest on these: they may never change.
        Assert.Equal([15, 2, 56, 55], new[] { "ATTENTION", "A", "ZURICH", "DON'T" }.Select(WordSplit.Bucket));
    }

    private static Lexicon Read(string text, bool keepStress = false) => Lexicon.Read(new StringReader(text), "words.txt", keepStress);

    private static IEnumerable<string> Spoken(LexiconEntry entry) => entry.Pronunciations.Select(phones => string.Join(' ', phones));

    private static HashSet<string> Words(Lexicon words) => [.. words.Entries.Select(entry => entry.Word)];
}
