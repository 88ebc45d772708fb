using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>What modules compute, as functions.</summary>
        public static partial class functional
        {
            private static readonly Op
                _relu = "relu", _relu_ = "relu_", _relu6 = "relu6", _relu6_ = "relu6_", _leaky_relu = "leaky_relu", _leaky_relu_ = "leaky_relu_",
                _prelu = "prelu", _elu = "elu", _elu_ = "elu_", _selu = "selu", _selu_ = "selu_", _celu = "celu", _celu_ = "celu_",
                _gelu = "gelu", _gelu_ = "gelu_", _silu = "silu", _silu_ = "silu_", _mish = "mish", _mish_ = "mish_", _softplus = "softplus",
                _tanh = "tanh", _tanh_ = "tanh_", _sigmoid = "sigmoid", _sigmoid_ = "sigmoid_", _log_sigmoid = "log_sigmoid", _glu = "glu",
                _hardtanh = "hardtanh", _hardtanh_ = "hardtanh_", _hardsigmoid = "hardsigmoid", _hardsigmoid_ = "hardsigmoid_",
                _hardswish = "hardswish", _hardswish_ = "hardswish_", _softmax = "softmax.int", _log_softmax = "log_softmax.int",
                _hardshrink = "hardshrink", _softshrink = "softshrink", _threshold = "threshold", _threshold_ = "threshold_", _neg = "neg";

            public static Tensor relu(Tensor x, bool inplace = false) => (inplace ? _relu_ : _relu).Call(x);

            public static Tensor relu6(Tensor x, bool inplace = false) => (inplace ? _relu6_ : _relu6).Call(x);

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false)
                => (inplace ? _leaky_relu_ : _leaky_relu).Call(input, negative_slope);

            public static Tensor prelu(Tensor input, Tensor weight) => _prelu.Call(input, weight);

            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => (inplace ? _elu_ : _elu).Call(x, alpha);

            public static Tensor selu(Tensor x, bool inplace = false) => (inplace ? _selu_ : _selu).Call(x);

            public static Tensor celu(Tensor x, double alpha, bool inplace = false) => (inplace ? _celu_ : _celu).Call(x, alpha);

            public static Tensor gelu(Tensor x) => _gelu.Call(x);

            public static Tensor gelu(Tensor x, bool inplace) => (inplace ? _gelu_ : _gelu).Call(x);

            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false)
                => (inplace ? _gelu_ : _gelu).Call(x, approximate == Modules.GELU.Approximate.tanh ? "tanh" : "none");

            public static Tensor silu(Tensor x, bool inplace = false) => (inplace ? _silu_ : _silu).Call(x);

            public static Tensor mish(Tensor x, bool inplace = false) => (inplace ? _mish_ : _mish).Call(x);

            public static Tensor softplus(Tensor x, double beta = 1.0, double threshold = 20.0) => _softplus.Call(x, beta, threshold);

            public static Tensor tanh(Tensor x, bool inplace = false) => (inplace ? _tanh_ : _tanh).Call(x);

            public static Tensor sigmoid(Tensor x) => _sigmoid.Call(x);

            public static Tensor sigmoid(Tensor x, bool inplace) => (inplace ? _sigmoid_ : _sigmoid).Call(x);

            public static Tensor logsigmoid(Tensor x) => _log_sigmoid.Call(x);

            public static Tensor glu(Tensor input, long dim = -1) => _glu.Call(input, dim);

            public static Tensor hardtanh(Tensor x, double min_val = -1.0, double max_val = 1.0, bool inplace = false)
                => (inplace ? _hardtanh_ : _hardtanh).Call(x, min_val, max_val);

            public static Tensor hardsigmoid(Tensor input, bool inplace = false) => (inplace ? _hardsigmoid_ : _hardsigmoid).Call(input);

            public static Tensor hardswish(Tensor input, bool inplace = false) => (inplace ? _hardswish_ : _hardswish).Call(input);

            public static Tensor hardshrink(Tensor x, double lambda = 0.5) => _hardshrink.Call(x, lambda);

            public static Tensor softshrink(Tensor x, double lambda = 0.5) => _softshrink.Call(x, lambda);

            public static Tensor threshold(Tensor x, double threshold, double value, bool inplace = false)
                => (inplace ? _threshold_ : _threshold).Call(x, threshold, value);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => _softmax.Call(input, dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => _log_softmax.Call(x, dim);

            public static Tensor softmin(Tensor x, long dim)
            {
                using var negative = _neg.Call(x);
                return _softmax.Call(negative, dim);
            }
        }
    }
}
