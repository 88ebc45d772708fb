using System.Text;
using ContextAware.Interop;

namespace ContextAware.Tests.Interop;

public class SafetensorsBrokenFileTests
{
    /// <summary>A header, the bytes of data behind it, and what the message must say.</summary>
    public static TheoryData<string, int, string> BrokenHeaders { get; } = new()
    {
        { "", 0, "does not start with '{'" },
        { " {}", 0, "does not start with '{'" },
        { "[]", 0, "does not start with '{'" },
        { "{", 0, "not valid JSON" },
        { "{}{}", 0, "not valid JSON" },
        { "{}\0", 0, "not valid JSON" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},}""", 1, "not valid JSON" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"deep":[[[[[[[[]]]]]]]]}}""", 1, "should not have it" },
        { """{"a":[[[[[[[[[[]]]]]]]]]]}""", 0, "should be a JSON StartObject" },
        { """{"__metadata__":{"a":[[[[[[[]]]]]]]}}""", 0, "the value of 'a'" },
        { """{"a":5}""", 0, "the entry 'a' should be a JSON StartObject, not Number" },
        { """{"a":{}}""", 0, "needs a dtype" },
        { """{"a":{"dtype":"U8","shape":[1]}}""", 1, "'a' needs a dtype, a shape and two data_offsets" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}""", 1, "two data_offsets" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}""", 1, "more than 2 numbers" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}""", 1, "lies at 1 to 0" },
        { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 1, "outside the 1 bytes of data" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}""", 1, "not a whole number" },
        { """{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""", 1, "not a whole number" },
        { """{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}""", 1, "not a whole number" },
        { """{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}}""", 1, "not a whole number" },
        { """{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}""", 1, "not a whole number" },
        { """{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}""", 1, "'a'.shape should be a JSON StartArray, not Number" },
        { """{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "overflows" },
        { """{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", 0, "overflows" },
        { """{"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}""", 0, "overflows" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes, but its data_offsets span 4" },
        { """{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,4]}}""", 4, "needs 0 bytes" },
        { """{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}""", 1, "the dtype 'F8'" },
        { """{"a":{"dtype":7,"shape":[1],"data_offsets":[0,1]}}""", 1, "'a'.dtype should be a JSON String" },
        { """{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "'dtype' twice" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "'a' comes twice" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "'a' comes twice" },
        { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "'b' overlaps" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3, "the 1 bytes before 'b'" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "the 1 bytes before 'a'" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 3, "last 2 bytes" },
        { "{}", 1, "last 1 bytes" },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__ comes twice" },
        { """{"__metadata__":{"k":"1","k":"2"}}""", 0, "'k' comes twice" },
        { """{"__metadata__":{"k":1}}""", 0, "the value of 'k'" },
        { """{"__metadata__":null}""", 0, "__metadata__ should be" },
        { """{"a":{"dtype":"\ud800","shape":[],"data_offsets":[0,1]}}""", 1, "not valid Unicode" },
        { """{"\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1, "not valid Unicode" },
    };

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public void A_broken_header_is_named(string header, int dataLength, string fragment) =>
        AssertBroken(SafetensorsBytes.Make(header, dataLength), fragment);

    [Theory]
    [InlineData(3UL, "claims 3 bytes, but only 2 follow")]
    [InlineData(100_000_000UL, "claims 100000000 bytes, but only 2 follow")]
    [InlineData(100_000_001UL, "at most 100000000")]
    [InlineData(ulong.MaxValue, "claims 18446744073709551615")]
    [InlineData(1UL << 63, "claims 9223372036854775808")]
    public void A_header_length_beyond_the_file_is_named(ulong claimed, string fragment) =>
        AssertBroken(SafetensorsBytes.Make("{}", 0, claimed), fragment);

    [Fact]
    public void Broken_unicode_in_a_name_is_named() =>
        AssertBroken(SafetensorsBytes.Make([.. "{\""u8, 0xC3, 0x28, .. "\":{}}"u8], []), "not valid Unicode");

    [Fact]
    public void Too_many_dimensions_are_refused()
    {
        static string Header(int rank) => $$$"""{"a":{"dtype":"U8","shape":[{{{string.Join(',', Enumerable.Repeat(1, rank))}}}],"data_offsets":[0,1]}}""";
        AssertBroken(SafetensorsBytes.Make(Header(65), 1), "more than 64 numbers");
        using var file = SafetensorsFile.FromBytes(SafetensorsBytes.Make(Header(64), 1));
        using var read = file.Read("a");
        Assert.Equal(64, read.Dimensions);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var whole = SafetensorsBytes.Make("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", 12);
        using (SafetensorsFile.FromBytes(whole)) { }
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.FromBytes(whole.AsMemory(0, length)));
    }

    [Fact]
    public void A_bool_that_is_neither_is_refused_when_read()
    {
        var bytes = SafetensorsBytes.Make(Encoding.UTF8.GetBytes("""{"f":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}"""), [0, 1, 2]);
        using var file = SafetensorsFile.FromBytes(bytes, "flags");
        var error = Assert.Throws<SafetensorsException>(() => file.Read("f"));
        Assert.Equal(bytes.Length - 1, error.Position);
        Assert.Equal($"flags, byte {bytes.Length - 1}: 'f' is BOOL, but holds the byte 2.", error.Message);
    }

    [Fact]
    public void The_message_names_file_and_position()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["bad.safetensors"], SafetensorsBytes.Make("""{"a":7}"""));
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder["bad.safetensors"]));
        Assert.Equal(folder["bad.safetensors"], error.FileName);
        Assert.Equal(8 + 5, error.Position);
        Assert.StartsWith($"{error.FileName}, byte 13: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_file_is_not_kept_open()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["bad"], SafetensorsBytes.Make("{"));
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder["bad"]));
        using var exclusive = new FileStream(folder["bad"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.True(exclusive.CanWrite);
    }

    private static void AssertBroken(byte[] bytes, string fragment)
    {
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.FromBytes(bytes));
        Assert.Contains(fragment, error.Message, StringComparison.Ordinal);
    }
}
