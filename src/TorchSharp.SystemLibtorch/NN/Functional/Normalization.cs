namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op
                _layer_norm = "layer_norm", _group_norm = "group_norm", _batch_norm = "batch_norm",
                _norm = "norm.ScalarOpt_dim", _clamp_min = "clamp_min", _div = "div.Tensor",
                _cosine_similarity = "cosine_similarity", _pairwise_distance = "pairwise_distance";

            private const bool WithoutCudnn = false;

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor weight = null, Tensor bias = null, double eps = 1e-5)
                => _layer_norm.Call(input, normalized_shape, Value.Optional(weight), Value.Optional(bias), eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor weight = null, Tensor bias = null, double eps = 1e-5)
                => _group_norm.Call(input, num_groups, Value.Optional(weight), Value.Optional(bias), eps);

            /// <summary>Normalises over all but dimension 1; training uses and updates the running statistics.</summary>
            public static Tensor batch_norm(Tensor input, Tensor running_mean, Tensor running_var, Tensor weight = null, Tensor bias = null,
                bool training = false, double momentum = 0.1, double eps = 1e-5)
                => _batch_norm.Call(input, Value.Optional(weight), Value.Optional(bias), Value.Optional(running_mean), Value.Optional(running_var),
                    training, momentum, eps, WithoutCudnn);

            /// <summary>Divides by the p-norm along a dimension, or by eps where the norm is smaller.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1, double eps = 1e-12)
            {
                using var norm = _norm.Call(input, p, new[] { dim }, true);
                using var denominator = _clamp_min.Call(norm, eps);
                return _div.Call(input, denominator);
            }

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8)
                => _cosine_similarity.Call(x1, x2, dim, eps);

            public static Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2.0, double eps = 1e-6, bool keepdim = false)
                => _pairwise_distance.Call(input1, input2, p, eps, keepdim);
        }
    }
}
