using ContextAware.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Vision;

/// <summary>Bad input: the exception's type, the argument's name, what was expected and what came.</summary>
public class VisionBadInputTests
{
    private static readonly Dictionary<string, (Func<object> Create, string Argument, string Got)> Constructors = new()
    {
        ["squeeze 0"] = (() => new SqueezeExcitation(0), "channels", "got 0"),
        ["squeeze reduction 0"] = (() => new SqueezeExcitation(8, 0), "reduction", "got 0"),
        ["squeeze reduction"] = (() => new SqueezeExcitation(8, 16), "reduction", "at most the 8 channels, got 16"),
        ["efficient 0"] = (() => new EfficientChannelAttention(0), "channels", "0"),
        ["efficient even"] = (() => new EfficientChannelAttention(8, 4), "kernel", "odd positive width, got 4"),
        ["channel -1"] = (() => new ChannelAttention(-1), "channels", "got -1"),
        ["channel reduction"] = (() => new ChannelAttention(8), "reduction", "at most the 8 channels, got 16"),
        ["spatial even"] = (() => new SpatialAttention(2), "kernel", "odd positive width, got 2"),
        ["spatial negative"] = (() => new SpatialAttention(-3), "kernel", "got -3"),
        ["conv block"] = (() => new ConvBlockAttention(16, kernel: 6), "kernel", "got 6"),
        ["bottleneck"] = (() => new BottleneckAttention(3), "reduction", "got 16"),
        ["bottleneck dilation"] = (() => new BottleneckAttention(16, dilation: 0), "dilation", "0"),
        ["coordinate"] = (() => new CoordinateAttention(0), "channels", "0"),
        ["coordinate reduction"] = (() => new CoordinateAttention(8, -2), "reduction", "-2"),
        ["non-local"] = (() => new NonLocalBlock(0), "channels", "got 0"),
        ["non-local inner"] = (() => new NonLocalBlock(2, 0), "inner", "got 0"),
        ["non-local kind"] = (() => new NonLocalBlock(2, kind: (NonLocalKind)7), "kind", "EmbeddedGaussian or Dot"),
        ["encoding odd"] = (() => new SinusoidalEncoding2d(7), "channels", "even number of channels, got 7"),
        ["encoding period"] = (() => new SinusoidalEncoding2d(8, 0), "period", "0"),
        ["bias heads"] = (() => new RelativeBias2d(0, 2, 2), "heads", "got 0"),
        ["bias height"] = (() => new RelativeBias2d(1, 0, 2), "height", "got 0"),
        ["bias width"] = (() => new RelativeBias2d(1, 2, -2), "width", "got -2"),
        ["bias deviation"] = (() => new RelativeBias2d(1, 2, 2, -1), "deviation", "-1"),
        ["bias map"] = (() => new RelativeBias2d(1, 2, 3).call(3, 3), "height", "from 1 to 2, got 3"),
        ["bias empty map"] = (() => new RelativeBias2d(1, 2, 3).call(2, 0), "width", "from 1 to 3, got 0"),
    };

    private static readonly Dictionary<string, (Func<long, Tensor> Input, string Expected)> Inputs = new()
    {
        ["rank 3"] = (channels => zeros(channels, 5, 3), ",5,3]"),
        ["no height"] = (channels => zeros(2, channels, 0, 3), "H and W positive"),
        ["integers"] = (channels => zeros([2, channels, 5, 3], int64), "got Int64"),
    };

    public static TheoryData<string> ConstructorCases => [.. Constructors.Keys];

    public static TheoryData<string, string> InputCases => [.. from module in VisionModules.All.Keys from input in Inputs.Keys select (module, input)];

    public static TheoryData<string> ModulesWithChannels => [.. VisionModules.All.Keys.Where(name => name != "spatial")];

    [Theory]
    [MemberData(nameof(ConstructorCases))]
    public void A_constructor_names_the_argument(string name)
    {
        using var scope = NewDisposeScope();
        var (create, argument, got) = Constructors[name];
        var error = Assert.Throws<ArgumentOutOfRangeException>(create);
        Assert.Equal(argument, error.ParamName);
        Assert.Contains(got, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InputCases))]
    public void A_call_names_what_was_expected_and_what_came(string name, string input)
    {
        var (create, channels, _) = VisionModules.All[name];
        Check(create, Inputs[input].Input(channels), Inputs[input].Expected);
    }

    [Theory]
    [MemberData(nameof(ModulesWithChannels))]
    public void A_call_names_the_number_of_channels(string name)
    {
        var (create, channels, _) = VisionModules.All[name];
        Check(create, zeros(2, channels + 1, 5, 3), $"[B,{channels},H,W] with H and W positive, got [2,{channels + 1},5,3]");
    }

    [Fact]
    public void Another_type_than_the_modules_is_refused()
    {
        Check(() => new SqueezeExcitation(3, 1), zeros(2, 3, 5, 3, ScalarType.Float64), "Float32; got Float64");
        Check(() => new FeatureMapAttention(4, 2), zeros(2, 4, 5, 3, ScalarType.Float64), "Float32; got Float64");
    }

    [Fact]
    public void What_can_not_be_is_refused()
    {
        Check(() => new SpatialAttention(), zeros(2, 0, 5, 3), "at least one channel, got 0");
        Check(() => new FeatureMapAttention(4, new RelativeBias2d(2, 2, 3)), zeros(1, 4, 2, 4), "at most 2×3, got 2×4");
        Assert.Throws<ArgumentNullException>("bias", () => new FeatureMapAttention(4, (RelativeBias2d)null!));
        Assert.Throws<ArgumentException>("heads", () => new FeatureMapAttention(4, 3));
        using var module = new SpatialAttention();
        Assert.Throws<ArgumentNullException>("input", () => module.call(null!));
    }

    private static void Check(Func<nn.Module<Tensor, Tensor>> create, Tensor input, string expected)
    {
        using var scope = NewDisposeScope();
        using var module = create();
        var error = Assert.Throws<ArgumentException>(nameof(input), () => module.call(input));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
