namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// Fills tensors in place, without recording gradients, and gives them back. The generator is asked for the same
        /// numbers in the same order as PyTorch asks it, so that one seed gives one set of initial values.
        /// </summary>
        public static class init
        {
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            private static readonly Op
                _uniform_ = "uniform_", _normal_ = "normal_", _fill_ = "fill_.Scalar", _copy_ = "copy_", _erfinv_ = "erfinv_",
                _mul_ = "mul_.Scalar", _add_ = "add_.Scalar", _clamp_ = "clamp_", _eye = "eye.m", _qr = "linalg_qr", _randperm = "randperm";

            /// <summary>The factor by which a nonlinearity shrinks the deviation; the parameter is LeakyReLU's slope.</summary>
            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2.0),
                NonlinearityType.LeakyReLU => Math.Sqrt(2.0 / (1 + param * param)),
                _ => 1.0,
            };

            /// <summary>Inputs and outputs of one unit: a weight is [out, in, …].</summary>
            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException($"Fan in and fan out need at least 2 dimensions, not {shape.Length}.", nameof(tensor));
                var field = shape.Skip(2).Aggregate(1L, (a, b) => a * b);
                return (shape[1] * field, shape[0] * field);
            }

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator generator = null)
            {
                using (no_grad()) return _uniform_.Do(tensor, low, high, generator);
            }

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator generator = null)
            {
                using (no_grad()) return _normal_.Do(tensor, mean, std, generator);
            }

            public static Tensor constant_(Tensor tensor, Scalar val)
            {
                using (no_grad()) return _fill_.Do(tensor, val);
            }

            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1.0);

            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0.0);

            public static Tensor eye_(Tensor tensor)
            {
                CheckDimensions(tensor, 2);
                using (no_grad())
                using (var identity = _eye.Call(tensor.size(0), tensor.size(1), tensor.dtype, Value.None, tensor.device))
                    return _copy_.Do(tensor, identity);
            }

            /// <summary>Weights of a convolution that passes its input through, as far as there are channels.</summary>
            public static Tensor dirac_(Tensor tensor)
            {
                CheckDimensions(tensor, 3, 4, 5);
                var shape = tensor.shape;
                zeros_(tensor);
                using (no_grad())
                    for (long channel = 0; channel < Math.Min(shape[0], shape[1]); channel++)
                    {
                        using var scope = NewDisposeScope();
                        var centre = tensor.select(0, channel).select(0, channel);
                        foreach (var size in shape.Skip(2)) centre = centre.select(0, size / 2);
                        _fill_.Do(centre, 1.0);
                    }
                return tensor;
            }

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var bound = Math.Sqrt(3.0) * XavierDeviation(tensor, gain);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => normal_(tensor, 0, XavierDeviation(tensor, gain));

            public static Tensor glorot_uniform_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);

            public static Tensor glorot_normal_(Tensor tensor, double gain = 1.0) => xavier_normal_(tensor, gain);

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3.0) * KaimingDeviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
                => normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

            /// <summary>Normal values cut to [a, b], by the inverse of the distribution function.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0.0, double std = 1.0, double a = -2.0, double b = 2.0, Generator generator = null)
            {
                double low = NormalDistribution((a - mean) / std), high = NormalDistribution((b - mean) / std);
                using (no_grad())
                {
                    _uniform_.Do(tensor, 2 * low - 1, 2 * high - 1, generator);
                    _erfinv_.Do(tensor);
                    _mul_.Do(tensor, std * Math.Sqrt(2.0));
                    _add_.Do(tensor, mean);
                    return _clamp_.Do(tensor, (Scalar)a, (Scalar)b);
                }
            }

            /// <summary>A matrix with orthonormal rows or columns (dimensions after the first taken together), times the gain.</summary>
            public static Tensor orthogonal_(Tensor tensor, double gain = 1.0)
            {
                if (tensor.dim() < 2) throw new ArgumentException($"An orthogonal tensor has at least 2 dimensions, not {tensor.dim()}.", nameof(tensor));
                if (tensor.NumberOfElements == 0) return tensor;
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                long rows = tensor.size(0), columns = tensor.NumberOfElements / rows;
                var flat = empty(new[] { rows, columns }, dtype: tensor.dtype, device: tensor.device);
                _normal_.Do(flat, 0.0, 1.0);
                if (rows < columns) flat = flat.t();
                var (q, r) = _qr.Call2(flat);
                q = q * r.diagonal().sign(); // makes the factorisation unique, and so the distribution uniform
                if (rows < columns) q = q.t();
                _copy_.Do(tensor, q.reshape(tensor.shape));
                return _mul_.Do(tensor, gain);
            }

            /// <summary>Normal values, with the given part of each column set to zero.</summary>
            public static Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01)
            {
                CheckDimensions(tensor, 2);
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                long rows = tensor.size(0), zeros = (long)Math.Ceiling(sparsity * rows);
                _normal_.Do(tensor, 0.0, std);
                for (long column = 0; column < tensor.size(1); column++)
                {
                    var chosen = _randperm.Call(rows, ScalarType.Int64, Value.None, tensor.device).slice(0, 0, zeros, 1);
                    tensor.select(1, column).index_fill_(0, chosen, 0);
                }
                return tensor;
            }

            private static double XavierDeviation(Tensor tensor, double gain)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return gain * Math.Sqrt(2.0 / (fanIn + fanOut));
            }

            private static double KaimingDeviation(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static void CheckDimensions(Tensor tensor, params ReadOnlySpan<long> allowed)
            {
                if (!allowed.Contains(tensor.dim()))
                    throw new ArgumentException($"The tensor has {tensor.dim()} dimensions, not {string.Join(" or ", allowed.ToArray())}.", nameof(tensor));
            }

            private static double NormalDistribution(double x) => (1 + Erf(x / Math.Sqrt(2.0))) / 2;

            /// <summary>The error function in double precision, which .NET lacks.</summary>
            private static double Erf(double x)
            {
                using var value = tensor(x, dtype: ScalarType.Float64);
                using var result = value.erf();
                return result.item<double>();
            }
        }
    }
}
