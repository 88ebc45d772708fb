using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public enum InterpolationMode
    {
        Nearest = 0,
        Linear = 1,
        Bilinear = 2,
        Bicubic = 3,
        Trilinear = 4,
        Area = 5,
        NearestExact = 6,
    }

    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op
                _pad = "pad", _linear1d = "upsample_linear1d.vec", _bilinear2d = "upsample_bilinear2d.vec", _bilinear2d_aa = "_upsample_bilinear2d_aa.vec",
                _bicubic2d = "upsample_bicubic2d.vec", _bicubic2d_aa = "_upsample_bicubic2d_aa.vec", _trilinear3d = "upsample_trilinear3d.vec";

            private static readonly Op[]
                _nearest = ["upsample_nearest1d.vec", "upsample_nearest2d.vec", "upsample_nearest3d.vec"],
                _nearestExact = ["_upsample_nearest_exact1d.vec", "_upsample_nearest_exact2d.vec", "_upsample_nearest_exact3d.vec"],
                _area = [_adaptive_avg_pool1d, _adaptive_avg_pool2d, _adaptive_avg_pool3d];

            /// <summary>Pads by pairs (before, after) from the last dimension backwards.</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Reflect => _pad.Call(input, pad, "reflect"),
                PaddingModes.Replicate => _pad.Call(input, pad, "replicate"),
                PaddingModes.Circular => _pad.Call(input, pad, "circular"),
                _ => _pad.Call(input, pad, "constant", value),
            };

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, pad.ToArray(), mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, List(pad), mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, new[] { pad.Item1, pad.Item2, pad.Item3, pad.Item4 }, mode, value);

            /// <summary>Pads every dimension on both sides.</summary>
            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, Enumerable.Repeat(pad, 2 * (int)input.dim()).ToArray(), mode, value);

            /// <summary>Resizes [N, C, …] to a size, or by a factor for each of its other dimensions.</summary>
            public static Tensor interpolate(Tensor x, long[] size = null, double[] scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                var dims = (int)x.dim() - 2;
                if ((size is null) == (scale_factor is null)) throw new ExternalException("only one of size or scale_factor should be defined");
                if ((size?.Length ?? scale_factor.Length) != dims)
                    throw new ExternalException($"size or scale_factor must have {dims} elements for an input of {dims + 2} dimensions");
                var corners = mode is InterpolationMode.Linear or InterpolationMode.Bilinear or InterpolationMode.Bicubic or InterpolationMode.Trilinear;
                if (align_corners is not null && !corners)
                    throw new ExternalException("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear");
                if (scale_factor is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                    (size, scale_factor) = (scale_factor.Select((factor, i) => (long)Math.Floor(x.size(i + 2) * factor)).ToArray(), null);

                return (mode, dims) switch
                {
                    (InterpolationMode.Nearest, >= 1 and <= 3) => _nearest[dims - 1].Call(x, size, scale_factor),
                    (InterpolationMode.NearestExact, >= 1 and <= 3) => _nearestExact[dims - 1].Call(x, size, scale_factor),
                    (InterpolationMode.Area, >= 1 and <= 3) => _area[dims - 1].Call(x, size),
                    (InterpolationMode.Linear, 1) => _linear1d.Call(x, size, align_corners ?? false, scale_factor),
                    (InterpolationMode.Bilinear, 2) => (antialias ? _bilinear2d_aa : _bilinear2d).Call(x, size, align_corners ?? false, scale_factor),
                    (InterpolationMode.Bicubic, 2) => (antialias ? _bicubic2d_aa : _bicubic2d).Call(x, size, align_corners ?? false, scale_factor),
                    (InterpolationMode.Trilinear, 3) => _trilinear3d.Call(x, size, align_corners ?? false, scale_factor),
                    _ => throw new ExternalException($"{mode} can't resize an input of {dims + 2} dimensions"),
                };
            }
        }
    }
}
