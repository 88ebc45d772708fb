namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op
                _linear = "linear", _bilinear = "bilinear", _one_hot = "one_hot",
                _dropout = "dropout", _dropout_ = "dropout_", _feature_dropout = "feature_dropout", _feature_dropout_ = "feature_dropout_",
                _alpha_dropout = "alpha_dropout", _alpha_dropout_ = "alpha_dropout_";

            public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) => _linear.Call(input, weights, Value.Optional(bias));

            public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor bias = null)
                => _bilinear.Call(input1, input2, weight, Value.Optional(bias));

            public static Tensor one_hot(Tensor x, long num_classes = -1) => _one_hot.Call(x, num_classes);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                => (inplace ? _dropout_ : _dropout).Call(input, p, training);

            /// <summary>Drops whole channels of [N, C, L].</summary>
            public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                => dropout2d(input, p, training, inplace);

            /// <summary>Drops whole channels of [N, C, …].</summary>
            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                => (inplace ? _feature_dropout_ : _feature_dropout).Call(input, p, training);

            public static Tensor alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false)
                => (inplace ? _alpha_dropout_ : _alpha_dropout).Call(input, p, training);
        }
    }
}
