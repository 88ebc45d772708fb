using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public enum NonLinearities
        {
            ReLU = 0,
            Tanh = 1,
        }

        public static LSTM LSTM(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0,
            bool bidirectional = false, Device device = null, ScalarType? dtype = null)
            => new(new RecurrentShape(4, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional), device, dtype);

        public static GRU GRU(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0,
            bool bidirectional = false, Device device = null, ScalarType? dtype = null)
            => new(new RecurrentShape(3, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional), device, dtype);

        public static RNN RNN(long inputSize, long hiddenSize, long numLayers = 1, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true,
            bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device device = null, ScalarType? dtype = null)
            => new(new RecurrentShape(1, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional), nonLinearity, device, dtype);

        public static LSTMCell LSTMCell(long inputSize, long hiddenSize, bool bias = true, Device device = null, ScalarType? dtype = null)
            => new(inputSize, hiddenSize, bias, device, dtype);

        public static GRUCell GRUCell(long inputSize, long hiddenSize, bool bias = true, Device device = null, ScalarType? dtype = null)
            => new(inputSize, hiddenSize, bias, device, dtype);

        public static RNNCell RNNCell(long inputSize, long hiddenSize, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true,
            Device device = null, ScalarType? dtype = null)
            => new(inputSize, hiddenSize, nonLinearity, bias, device, dtype);
    }
}
