using System.Buffers.Binary;
using System.Text;
using ContextAware.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

/// <summary>Breaks good files in 100,000 ways. Only one kind of exception may come out, and no lie about a size may cost memory.</summary>
public class SafetensorsMutationTests
{
    private const int Mutations = 100_000;
    private const int OnDisk = 500;

    private static readonly string[] Tokens =
    [
        "-1", "0", "1", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e9", "0.5", "null", "true",
        "\"F64\"", "\"BOOL\"", "\"I8\"", "\"X\"", "\"\\ud800\"", "{}", "[]", "[[[[[[[[", "{\"a\":", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"a\"", ",", ":", "}",
    ];

    [Fact]
    public void A_hundred_thousand_mutated_files_are_read_or_refused_cleanly()
    {
        var originals = Originals();
        var random = new Random(20240607);
        var (read, refused) = (0, 0);
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = Mutate(originals[i % originals.Length], random, originals);
            var opened = Try(i, bytes, () => SafetensorsFile.FromBytes(bytes));
            _ = opened ? read++ : refused++;
        }
        // The mutations must reach both ends: files that still read, and every kind of refusal.
        Assert.InRange(read, Mutations / 50, Mutations);
        Assert.InRange(refused, Mutations / 2, Mutations);
    }

    [Fact]
    public void Mutated_files_on_disk_are_read_or_refused_cleanly()
    {
        using var folder = new TemporaryFolder();
        var originals = Originals();
        var random = new Random(99);
        for (var i = 0; i < OnDisk; i++)
        {
            var bytes = Mutate(originals[i % originals.Length], random, originals);
            File.WriteAllBytes(folder["mutated"], bytes);
            Try(i, bytes, () => SafetensorsFile.Open(folder["mutated"]));
        }
    }

    private static bool Try(int number, byte[] bytes, Func<SafetensorsFile> open)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var file = open();
            var spent = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(spent <= Allowance(bytes), $"Mutation {number} of {bytes.Length} bytes took {spent} bytes to open.");
            Assert.True(file.Entries.Values.Cast<SafetensorsEntry>().Sum(entry => entry.Length) <= bytes.Length);
            foreach (var name in file.Entries.Keys)
                file.Read(name).Dispose();
            return true;
        }
        catch (SafetensorsException error)
        {
            var spent = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(spent <= Allowance(bytes), $"Mutation {number} of {bytes.Length} bytes took {spent} bytes to refuse.");
            Assert.InRange(error.Position, 0, bytes.Length);
            return false;
        }
        catch (Exception error)
        {
            Assert.Fail($"Mutation {number}: {error}{Environment.NewLine}{Convert.ToBase64String(bytes)}");
            throw;
        }
    }

    // Names and entries become objects, and an exception has its trace: a small multiple of the file, and a constant.
    private static long Allowance(byte[] bytes) => 8L * bytes.Length + 32_768;

    private static byte[] Mutate(byte[] original, Random random, byte[][] originals)
    {
        List<byte> bytes = [.. original];
        for (var step = random.Next(1, 4); step > 0; step--)
            MutateOnce(bytes, random, originals);
        return [.. bytes];
    }

    private static void MutateOnce(List<byte> bytes, Random random, byte[][] originals)
    {
        if (bytes.Count < 10)
            return;
        var at = random.Next(bytes.Count);
        var header = 8 + random.Next(Math.Min(bytes.Count - 8, 300));
        var length = random.Next(1, Math.Min(40, bytes.Count - at + 1));
        switch (random.Next(10))
        {
            case 0: // One bit.
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1: // One byte of the header, by something printable.
                bytes[header] = (byte)random.Next(32, 127);
                break;
            case 2: // The end is missing.
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3: // A piece is missing.
                bytes.RemoveRange(at, Math.Min(length, bytes.Count - at));
                break;
            case 4: // A piece comes twice.
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(length, bytes.Count - at)));
                break;
            case 5: // The header's length lies.
                Replace(bytes, 0, Length(random.Next(3) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(2 * bytes.Count)));
                break;
            case 6: // A number of the header changes.
                ReplaceNumber(bytes, header, random);
                break;
            case 7: // A token appears, and the length stays right.
                InsertIntoHeader(bytes, header, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                break;
            case 8: // Another file's piece.
                var other = originals[random.Next(originals.Length)];
                bytes.InsertRange(at, other.AsSpan(0, random.Next(other.Length)).ToArray());
                break;
            default: // Something follows.
                bytes.AddRange(new byte[length]);
                break;
        }
    }

    private static void ReplaceNumber(List<byte> bytes, int from, Random random)
    {
        var start = bytes.FindIndex(from, b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
            return;
        var end = start;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        var number = random.Next(4) switch
        {
            0 => Tokens[random.Next(9)],
            1 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => random.Next(64).ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        bytes.RemoveRange(start, end - start);
        InsertIntoHeader(bytes, start, Encoding.UTF8.GetBytes(number), end - start);
    }

    private static void InsertIntoHeader(List<byte> bytes, int at, byte[] piece, int removed = 0)
    {
        bytes.InsertRange(at, piece);
        var length = BinaryPrimitives.ReadUInt64LittleEndian([.. bytes.GetRange(0, 8)]);
        Replace(bytes, 0, Length(length + (ulong)piece.Length - (ulong)removed));
    }

    private static void Replace(List<byte> bytes, int at, byte[] piece)
    {
        for (var i = 0; i < piece.Length; i++)
            bytes[at + i] = piece[i];
    }

    private static byte[] Length(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[][] Originals()
    {
        using var scope = NewDisposeScope();
        return
        [
            Written(new() { ["a"] = ones(2, 3) }, null),
            Written(new()
            {
                ["f64"] = ones(2, dtype: ScalarType.Float64), ["bf16"] = ones(3, dtype: ScalarType.BFloat16), ["bool"] = ones(5, dtype: ScalarType.Bool),
                ["i8"] = ones(1, dtype: ScalarType.Int8), ["scalar"] = tensor(1L), ["empty"] = zeros(0, 7),
            }, new() { ["format"] = "pt", ["note"] = "größe" }),
            Written(Enumerable.Range(0, 12).ToDictionary(i => $"layers.{i}.weight", i => (Tensor)full(i, 2, 0.5f)), null),
            SafetensorsBytes.Make("{}"),
        ];
    }

    private static byte[] Written(Dictionary<string, Tensor> tensors, Dictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
