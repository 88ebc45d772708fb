using System.Text;
using global::TinyStories.Llama2c;

namespace ContextAware.Models.Tests.TinyStories;

public class Llama2cTokenizerTests
{
    private static readonly (float, string)[] Pieces =
    [
        (0, "<unk>"), (0, "\n<s>\n"), (0, "\n</s>\n"), (0, "<0xC3>"), (0, "<0xA9>"),       // 3 and 4: é in bytes
        (-9, "a"), (-9, "b"), (-9, " "), (-2, "ab"), (-1, "ba"), (-3, " a"), (-4, "aba"),  // from 5
    ];

    [Theory]
    [InlineData("", new[] { 1 })]
    [InlineData("a", new[] { 1, 10 })]
    [InlineData("ab", new[] { 1, 7, 8 })]          // "ab" scores better than " a"
    [InlineData("aba", new[] { 1, 10, 9 })]        // "ba" first, then " a"
    [InlineData("é", new[] { 1, 7, 3, 4 })]
    [InlineData("aaé", new[] { 1, 10, 5, 3, 4 })]
    public void Text_becomes_tokens_by_the_best_scores(string text, int[] tokens)
    {
        var tokenizer = Make();
        Assert.Equal(tokens, tokenizer.Encode(text));
        Assert.Equal(text, tokenizer.Decode(tokens));
    }

    [Fact]
    public void Marks_add_nothing_and_a_text_loses_its_leading_blank()
    {
        var tokenizer = Make();
        Assert.Equal("a a", tokenizer.Decode([1, 10, 10, 2]));
        Assert.Equal(" a", tokenizer.Decode([10]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([12]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
    }

    [Fact]
    public void A_character_without_piece_or_bytes_is_refused() =>
        Assert.Contains("'z'", Assert.Throws<ArgumentException>(() => Make().Encode("az")).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_truncation_is_one_error()
    {
        var bytes = Llama2cBytes.Tokenizer(9, Pieces);
        var whole = new HashSet<int>();
        for (var (at, i) = (4, 0); i < Pieces.Length; i++) whole.Add(at += 8 + Encoding.UTF8.GetByteCount(Pieces[i].Item2));
        for (var length = 0; length < bytes.Length; length++)
        {
            // Between two tokens the file is whole, once the marks are there.
            if (whole.Contains(length) && length > 4 + (3 * 8) + 15) continue;
            var error = Assert.Throws<InvalidDataException>(() => Llama2cTokenizer.Parse(bytes.AsSpan(0, length), "file"));
            Assert.StartsWith("file is no llama2.c tokenizer", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Broken_fields_are_errors_that_say_where()
    {
        Assert.Contains("longest piece has 0", Refused(Llama2cBytes.Tokenizer(0, Pieces)), StringComparison.Ordinal);
        Assert.Contains("token 0 at byte 4 has 5 bytes", Refused(Llama2cBytes.Tokenizer(4, Pieces)), StringComparison.Ordinal);
        Assert.Contains("the score of token 1", Refused(Llama2cBytes.Tokenizer(9, (0, "a"), (float.NaN, "b"))), StringComparison.Ordinal);
        Assert.Contains("2 tokens", Refused(Llama2cBytes.Tokenizer(9, (0, "a"), (0, "b"))), StringComparison.Ordinal);
        var negative = Llama2cBytes.Tokenizer(9, Pieces);
        negative[11] = 0xFF;    // the sign of the first length
        Assert.Contains("token 0", Refused(negative), StringComparison.Ordinal);

        static string Refused(byte[] bytes) => Assert.Throws<InvalidDataException>(() => Llama2cTokenizer.Parse(bytes)).Message;
    }

    [Fact]
    public void Mutated_files_give_a_tokenizer_or_one_error()
    {
        var bytes = Llama2cBytes.Tokenizer(9, Pieces);
        var random = new Random(3);
        var read = 0;
        for (var round = 0; round < 2000; round++)
        {
            var mutated = bytes.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            try
            {
                Assert.NotEmpty(Llama2cTokenizer.Parse(mutated).Encode(""));
                read++;
            }
            catch (InvalidDataException error)
            {
                Assert.NotEmpty(error.Message);
            }
        }

        // A changed score or piece is as good as the old; a changed length is not. Each is about a third of the file.
        Assert.InRange(read, 200, 1800);
    }

    [Theory]
    [InlineData("Once upon a time, there was a little girl named Lily.")]
    [InlineData("\"Wow!\" — déjà vu 🙂\nThe end")]
    [InlineData("\n<s>\n")]    // a text can't write a mark
    public void The_trained_tokenizer_gives_every_text_back(string text)
    {
        var tokenizer = Llama2cTokenizer.Read(StoriesData.Tokenizer);
        Assert.Equal(512, tokenizer.Count);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void The_trained_tokenizer_joins_as_its_makers_program_does()
    {
        // The first tokens of the expected story, as its bytes were printed: whole words are one token where there is one.
        var tokenizer = Llama2cTokenizer.Read(StoriesData.Tokenizer);
        Assert.Equal([1, 403, 407, 261, 378], tokenizer.Encode("Once upon a time"));
    }

    private static Llama2cTokenizer Make() => Llama2cTokenizer.Parse(Llama2cBytes.Tokenizer(9, Pieces));
}
