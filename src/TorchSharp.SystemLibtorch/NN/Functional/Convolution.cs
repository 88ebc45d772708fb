namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Lists of one number stand for that number in each dimension.
        public static partial class functional
        {
            private static readonly Op
                _conv1d = "conv1d", _conv1d_padding = "conv1d.padding", _conv2d = "conv2d", _conv2d_padding = "conv2d.padding",
                _conv_transpose1d = "conv_transpose1d", _conv_transpose2d = "conv_transpose2d.input", _unfold = "im2col", _fold = "col2im",
                _pixel_shuffle = "pixel_shuffle", _pixel_unshuffle = "pixel_unshuffle";

            private static readonly long[] One = [1], Zero = [0];

            private static string Name(Padding padding) => padding == Padding.Same ? "same" : "valid";

            public static Tensor conv1d(Tensor input, Tensor weight, Tensor bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1)
                => _conv1d.Call(input, weight, Value.Optional(bias), new[] { stride ?? 1 }, new[] { padding ?? 0 }, new[] { dilation ?? 1 }, groups);

            public static Tensor conv1d_padding(Tensor input, Tensor weight, Tensor bias = null, long? stride = null, Padding padding = Padding.Valid, long? dilation = null, long groups = 1)
                => _conv1d_padding.Call(input, weight, Value.Optional(bias), new[] { stride ?? 1 }, Name(padding), new[] { dilation ?? 1 }, groups);

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null, long[] dilation = null, long groups = 1)
                => _conv2d.Call(input, weight, Value.Optional(bias), strides ?? One, padding ?? Zero, dilation ?? One, groups);

            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, Padding padding = Padding.Valid, long[] dilation = null, long groups = 1)
                => _conv2d_padding.Call(input, weight, Value.Optional(bias), strides ?? One, Name(padding), dilation ?? One, groups);

            public static Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor bias = null, long? stride = null, long? padding = null, long? output_padding = null, long? dilation = null, long groups = 1)
                => _conv_transpose1d.Call(input, weight, Value.Optional(bias), new[] { stride ?? 1 }, new[] { padding ?? 0 }, new[] { output_padding ?? 0 }, groups, new[] { dilation ?? 1 });

            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null, long[] output_padding = null, long[] dilation = null, long groups = 1)
                => _conv_transpose2d.Call(input, weight, Value.Optional(bias), strides ?? One, padding ?? Zero, output_padding ?? Zero, groups, dilation ?? One);

            /// <summary>Sliding blocks of [N, C, H, W] as columns: [N, C·kernel, blocks].</summary>
            public static Tensor unfold(Tensor input, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null)
                => _unfold.Call(input, List(kernel_size), List(dilation ?? (1, 1)), List(padding ?? (0, 0)), List(stride ?? (1, 1)));

            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1)
                => unfold(input, (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            /// <summary>Sums columns back into [N, C, H, W].</summary>
            public static Tensor fold(Tensor input, (long, long) output_size, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null)
                => _fold.Call(input, List(output_size), List(kernel_size), List(dilation ?? (1, 1)), List(padding ?? (0, 0)), List(stride ?? (1, 1)));

            public static Tensor fold(Tensor input, long output_size, long kernel_size, long dilation = 1, long padding = 0, long stride = 1)
                => fold(input, (output_size, output_size), (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => _pixel_shuffle.Call(input, Guard.Window(upscale_factor)[0]);

            public static Tensor pixel_unshuffle(Tensor input, long downscale_factor) => _pixel_unshuffle.Call(input, Guard.Window(downscale_factor)[0]);

            private static long[] List((long, long) pair) => Guard.Window(pair.Item1, pair.Item2);

            private static long[] List((long, long)? pair) => pair is var (a, b) ? Guard.Window(a, b) : null;
        }
    }
}
