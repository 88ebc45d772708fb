using System.Numerics;
using ContextAware.Interop;
using ContextAware.Models.Seq2Seq;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class NGramEmbeddingTests
{
    private static readonly long[,] Tokens = { { 3, 4, 5, 6, 3 }, { 6, 5, 0, 0, 0 } };

    [Fact]
    public void An_n_gram_is_a_number_of_n_digits_with_padding_beyond_the_ends()
    {
        using var scope = NewDisposeScope();
        using var embedding = new NGramEmbedding(10, 4, new() { Lengths = [1, 2, 3], Rows = 1000 });
        var tokens = tensor(Tokens);
        TensorAssert.Equal(tokens, embedding.Rows(tokens, 1));
        TensorAssert.Equal(tensor(new long[,] { { 03, 34, 45, 56, 63 }, { 06, 65, 50, 0, 0 } }), embedding.Rows(tokens, 2));
        TensorAssert.Equal(tensor(new long[,] { { 034, 345, 456, 563, 630 }, { 065, 650, 500, 0, 0 } }), embedding.Rows(tokens, 3));
    }

    [Fact]
    public void Where_a_table_is_too_small_rows_are_remainders()
    {
        using var scope = NewDisposeScope();
        using var embedding = new NGramEmbedding(40, 4, new() { Lengths = [4, 5], Rows = 777 });
        var tokens = randint(3, 40, [6, 9], int64);
        foreach (var length in new[] { 4, 5 })
        {
            var actual = embedding.Rows(tokens, length);
            for (var row = 0; row < 6; row++)
            {
                for (var place = 0; place < 9; place++) Assert.Equal(NaiveRow(row, place, length), actual[row, place].item<long>());
            }
        }

        long NaiveRow(int row, int place, int length)
        {
            BigInteger number = 0;
            for (var i = place - (length / 2); i < place - (length / 2) + length; i++)
                number = ((number * 1_103_515_245) + (i is < 0 or >= 9 ? 0 : tokens[row, i].item<long>())) % ((BigInteger.One << 31) - 1);
            return (long)(number % 777);
        }
    }

    [Fact]
    public void Rows_spread_over_the_whole_table()
    {
        using var scope = NewDisposeScope();
        using var embedding = new NGramEmbedding(30, 4, new() { Lengths = [4], Rows = 512 });
        var rows = embedding.Rows(randint(3, 30, [64, 512], int64), 4).data<long>().ToArray();
        var counts = rows.GroupBy(row => row).Select(group => group.Count()).ToArray();
        Assert.Equal(512, counts.Length);
        Assert.InRange(counts.Min(), 25, 64);       // 64 on the average
        Assert.InRange(counts.Max(), 64, 120);
    }

    [Fact]
    public void The_vector_is_the_product_of_the_rows_side_by_side()
    {
        using var scope = NewDisposeScope();
        using var embedding = Filled(new() { Lengths = [2, 3], Rows = 100, RowWidth = 3 });
        var weights = embedding.state_dict();
        var (two, three, projection) = (Values("tables.0.weight"), Values("tables.1.weight"), Values("projection.weight"));
        var expected = new double[2, 5, 4];
        for (var row = 0; row < 2; row++)
        {
            for (var place = 0; place < 5; place++)
            {
                long Symbol(int i) => i is < 0 or > 4 ? 0 : Tokens[row, i];
                var pair = (int)((Symbol(place - 1) * 7) + Symbol(place));
                var triple = Symbol(place - 1);
                foreach (var i in new[] { place, place + 1 }) triple = ((triple * 1_103_515_245) + Symbol(i)) % int.MaxValue;
                for (var d = 0; d < 4; d++)
                {
                    for (var w = 0; w < 3; w++)
                        expected[row, place, d] += (projection[d, w] * two[pair, w]) + (projection[d, 3 + w] * three[(int)(triple % 100), w]);
                }
            }
        }

        TensorAssert.Close(expected, embedding.call(tensor(Tokens)), 1e-5, 1e-6);

        float[,] Values(string name)
        {
            var (values, shape) = (weights[name].data<float>().ToArray(), weights[name].shape);
            var table = new float[shape[0], shape[1]];
            Buffer.BlockCopy(values, 0, table, 0, values.Length * sizeof(float));
            return table;
        }
    }

    [Fact]
    public void Padding_after_a_sequence_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var embedding = Filled(new());
        var alone = embedding.call(tensor(new long[,] { { 6, 5 } }));
        TensorAssert.Close(alone[0], embedding.call(tensor(Tokens))[1].narrow(0, 0, 2));
    }

    [Fact]
    public void It_begins_with_nothing_and_learns()
    {
        using var scope = NewDisposeScope();
        using var embedding = new NGramEmbedding(7, 4);
        var vectors = embedding.call(tensor(Tokens));
        TensorAssert.AllZero(vectors);
        vectors.sum().backward();
        foreach (var (name, parameter) in embedding.named_parameters())
            Assert.Equal(name.StartsWith("tables", StringComparison.Ordinal), parameter.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void At_rest_it_adds_nothing_and_learns_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = new TransformerSeq2Seq(new() { SourceVocabulary = 7, TargetVocabulary = 6, Width = 8, Heads = 2, EncoderLayers = 1, DecoderLayers = 1, SourceNGrams = new() { Rows = 50 } });
        model.eval();
        var (lengths, targets) = (tensor(new long[] { 5, 2 }), tensor(new long[,] { { 1, 3 }, { 1, 4 } }));
        var without = Logits();
        using (no_grad())
        {
            foreach (var (_, parameter) in model.SourceNGrams!.named_parameters()) parameter.normal_();
        }

        Assert.InRange((Logits() - without).abs().max().item<float>(), 0.01, double.MaxValue);
        model.SourceNGrams.IsResting = true;
        var logits = Logits();
        TensorAssert.Equal(without, logits);
        logits.sum().backward();
        Assert.All(model.SourceNGrams.parameters(), parameter => Assert.Null(parameter.grad));
        model.SourceNGrams.IsResting = false;
        Logits().sum().backward();
        Assert.All(model.SourceNGrams.parameters(), parameter => Assert.NotNull(parameter.grad));

        Tensor Logits() => model.call(tensor(Tokens), lengths, targets, false).Logits;
    }

    [Fact]
    public void Its_gradients_are_right()
    {
        using var scope = NewDisposeScope();
        using var embedding = Filled(new() { Lengths = [1, 2], RowWidth = 2, Rows = 20 });
        GradientCheck.Module(embedding, _ => embedding.call(tensor(Tokens)));
    }

    [Fact]
    public void Dropout_leaves_out_whole_n_grams_while_it_learns()
    {
        random.manual_seed(1);
        using var scope = NewDisposeScope();
        using var embedding = new NGramEmbedding(7, 1, new() { Lengths = [1, 2], RowWidth = 3, Dropout = 0.25 });
        using (no_grad())
        {
            foreach (var (name, parameter) in embedding.named_parameters()) parameter.fill_(1);
            embedding.get_parameter("tables.1.weight")!.fill_(10);
        }

        var tokens = full(40, 50, 3L, int64);
        embedding.eval();
        TensorAssert.Close(full([40, 50, 1], 33f), embedding.call(tokens));
        embedding.train();
        var seen = embedding.call(tokens).data<float>().ToArray().GroupBy(value => MathF.Round(value)).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal([0, 4, 40, 44], seen.Keys.Order());                            // 3 and 30 over 0.75
        Assert.InRange(seen[44], 1025, 1225);                                       // 0.75² of 2000
        Assert.InRange(seen[0], 85, 165);                                           // 0.25²
    }

    [Fact]
    public void Weights_that_are_loaded_need_no_zeros_first()
    {
        using var scope = NewDisposeScope();
        using var embedding = Filled(new());
        NGramEmbedding loaded;
        using (WeightInitialization.Skip()) loaded = new(7, 4);
        using (loaded)
        {
            loaded.eval();
            loaded.load_state_dict(embedding.state_dict());
            TensorAssert.Equal(embedding.call(tensor(Tokens)), loaded.call(tensor(Tokens)));
        }
    }

    [Fact]
    public void It_is_a_module_like_the_others() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("vocabulary", () => new NGramEmbedding(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new NGramEmbedding(7, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramEmbedding(7, 4, new() { Rows = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramEmbedding(7, 4, new() { RowWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramEmbedding(7, 4, new() { Dropout = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramEmbedding(7, 4, new() { Dropout = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramEmbedding(7, 4, new() { Lengths = [3, 0] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramEmbedding(7, 4, new() { Lengths = [65] }));
        Assert.Throws<ArgumentException>(() => new NGramEmbedding(7, 4, new() { Lengths = [] }));
        Assert.Contains("3 comes twice", Assert.Throws<ArgumentException>(() => new NGramEmbedding(7, 4, new() { Lengths = [3, 4, 3] })).Message);
        using var scope = NewDisposeScope();
        using var embedding = new NGramEmbedding(7, 4);
        Assert.Throws<ArgumentException>("tokens", () => embedding.call(zeros(3, int64)));
        Assert.Throws<ArgumentException>("tokens", () => embedding.call(zeros(2, 3, int32)));
    }

    private static NGramEmbedding Filled(NGramOptions options)
    {
        var embedding = new NGramEmbedding(7, 4, options);
        using var quiet = no_grad();
        foreach (var (_, parameter) in embedding.named_parameters()) nn.init.normal_(parameter);
        embedding.eval();
        return embedding;
    }

    private static ModuleConformance<NGramEmbedding> Conformance => new()
    {
        Create = () => Filled(new() { Lengths = [1, 3], RowWidth = 5, Rows = 50 }),
        Inputs = () => [tensor(Tokens)],
        Forward = (module, x) => [module.call(x[0])],
        OutputShapes = [[2, 5, 4]],
        Parameters = """
            tables.0.weight [7, 5]
            tables.1.weight [50, 5]
            projection.weight [4, 10]
            """,
        HalfPrecisionTolerance = null,
    };
}
