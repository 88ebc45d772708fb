using System.Text.Json;

namespace ContextAware.Interop;

/// <summary>Walks JSON that nobody vouches for. Whatever is wrong with it becomes one exception with file and byte.</summary>
internal ref struct StrictJson
{
    private readonly string fileName;
    private readonly long start;
    private Utf8JsonReader reader;

    /// <param name="fileName">What messages call the file.</param>
    /// <param name="json">The text.</param>
    /// <param name="start">Where in the file the text starts.</param>
    /// <param name="maximumDepth">How many objects and arrays may lie in one another.</param>
    internal StrictJson(string fileName, ReadOnlySpan<byte> json, long start, int maximumDepth)
    {
        this.fileName = fileName;
        this.start = start;
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maximumDepth });
    }

    internal readonly JsonTokenType Token => reader.TokenType;

    /// <summary>Goes to the next token; false at the end of the text.</summary>
    internal bool Read()
    {
        try
        {
            return reader.Read();
        }
        catch (JsonException e)
        {
            throw new SafetensorsException(fileName, start + reader.BytesConsumed, $"not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Goes to the next token, which must be of this kind.</summary>
    internal void Expect(JsonTokenType type, string what)
    {
        Read();
        if (Token != type)
            throw Error($"{what} should be a JSON {type}, not {Token}.");
    }

    /// <summary>Goes to the next property of the present object; false at the object's end.</summary>
    internal bool NextProperty(out string name)
    {
        Read();
        var isProperty = Token == JsonTokenType.PropertyName;
        name = isProperty ? Text() : "";
        return isProperty;
    }

    /// <summary>The present string.</summary>
    internal readonly string Text()
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e) // What GetString throws for broken UTF-8 or half a surrogate pair.
        {
            throw Error("a string is not valid Unicode.", e);
        }
    }

    /// <summary>The value after a property's name: text, number or truth as text, and null for anything else.</summary>
    internal string? ReadScalar()
    {
        Read();
        if (Token == JsonTokenType.String)
            return Text();
        if (Token is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False)
            return System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
        SkipChildren();
        return null;
    }

    /// <summary>Goes over the value after a property's name.</summary>
    internal void SkipValue()
    {
        Read();
        SkipChildren();
    }

    /// <summary>The next value: an array of whole numbers from 0 on.</summary>
    internal long[] ReadNumbers(string what, int most)
    {
        Expect(JsonTokenType.StartArray, what);
        Span<long> numbers = stackalloc long[most];
        var count = 0;
        while (Read() && Token != JsonTokenType.EndArray)
        {
            if (count == most)
                throw Error($"{what} has more than {most} numbers.");
            if (Token != JsonTokenType.Number || !reader.TryGetInt64(out numbers[count]) || numbers[count] < 0)
                throw Error($"{what} holds something that is not a whole number from 0 to {long.MaxValue}.");
            count++;
        }
        return numbers[..count].ToArray();
    }

    internal readonly SafetensorsException Error(string problem, Exception? inner = null) =>
        new(fileName, start + reader.TokenStartIndex, problem, inner);

    private void SkipChildren()
    {
        var depth = reader.CurrentDepth;
        if (Token is JsonTokenType.StartObject or JsonTokenType.StartArray)
            while (Read() && reader.CurrentDepth > depth)
                continue;
    }
}
