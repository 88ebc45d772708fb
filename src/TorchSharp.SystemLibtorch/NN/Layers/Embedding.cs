using System.Runtime.InteropServices;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Rows of a table by index; weight [entries, width]</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private static readonly Op _embedding = "embedding", _renorm_ = "embedding_renorm_";

    [ComponentName(Name = nameof(weight))]
    private Parameter _weight;
    private readonly long _paddingIndex = -1;
    private readonly double? _maxNorm;
    private readonly double _normType;
    private readonly bool _scaleGradByFreq, _sparse;

    internal Embedding(Tensor table, bool freeze, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, bool sparse)
        : base(nameof(Embedding))
    {
        (_maxNorm, _normType, _scaleGradByFreq, _sparse) = (max_norm, norm_type, scale_grad_by_freq, sparse);
        if (table.dim() != 2) throw new ExternalException("Embeddings parameter is expected to be 2-dimensional");
        if (padding_idx is { } index)
        {
            var entries = table.size(0);
            if (index < -entries || index >= entries) throw new ExternalException("Padding_idx must be within num_embeddings");
            _paddingIndex = index < 0 ? index + entries : index;
        }
        // As TorchSharp leaves it: the current dispose scope owns it.
        _weight = new Parameter(table, !freeze);
        ConditionallyRegisterParameter(nameof(weight), _weight);
    }

    /// <summary>Normal initial values, zero for the padding entry.</summary>
    internal Embedding(long num_embeddings, long embedding_dims, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, bool sparse,
        Device device, ScalarType? dtype)
        : this(empty(num_embeddings, embedding_dims, dtype: dtype, device: device), false, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
    {
        nn.init.normal_(_weight);
        if (_paddingIndex < 0) return;
        using var table = _weight.detach();
        using var row = table.select(0, _paddingIndex);
        nn.init.zeros_(row);
    }

    /// <summary>A new tensor of the same memory each time.</summary>
    public Parameter weight
    {
        get => new(_weight.alias(), _weight.requires_grad);
        set => SetParameter(ref _weight, value, nameof(weight));
    }

    public override Tensor forward(Tensor input)
    {
        if (_maxNorm is { } max)
            using (no_grad())
            using (var indices = input.contiguous())
                _renorm_.Do(_weight, indices, max, _normType);
        return _embedding.Call(_weight, input, _paddingIndex, _scaleGradByFreq, _sparse);
    }
}
