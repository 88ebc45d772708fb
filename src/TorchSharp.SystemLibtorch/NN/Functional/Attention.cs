namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op _attention = "scaled_dot_product_attention";

            /// <summary>
            /// softmax(query·keyᵀ / √E + mask)·value for query [..., T, E], key [..., S, E], value [..., S, V].
            /// A boolean mask says what takes part; a mask of numbers is added. Rows with nothing to attend to give zero.
            /// </summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor attn_mask = null, double p = 0.0, bool is_casual = false)
            {
                if (p < 0) throw new ArgumentException($"The dropout probability can't be negative: {p}.", nameof(p));
                if (is_casual && attn_mask is not null) throw new ArgumentException("A causal call can't take a mask.", nameof(attn_mask));
                return _attention.Exists
                    ? _attention.Call(query, key, value, Value.Optional(attn_mask), p, is_casual)
                    : ComposedAttention(query, key, value, attn_mask, p, is_casual);
            }

            /// <summary>The same from smaller operators, for a libtorch older than 2.0.</summary>
            internal static Tensor ComposedAttention(Tensor query, Tensor key, Tensor value, Tensor attn_mask, double p, bool causal)
            {
                using var scope = NewDisposeScope();
                var scores = (query * (1 / Math.Sqrt(query.size(-1)))).matmul(key.transpose(-2, -1));
                Tensor empty = null; // rows that may see no key: [..., T, 1]
                if (causal)
                {
                    var hidden = ones(query.size(-2), key.size(-2), dtype: ScalarType.Bool, device: query.device).tril().logical_not();
                    scores.masked_fill_(hidden, double.NegativeInfinity);
                }
                else if (attn_mask is not null && attn_mask.dtype == ScalarType.Bool)
                {
                    var hidden = attn_mask.logical_not();
                    empty = hidden.all(-1, true);
                    scores.masked_fill_(hidden.logical_and(empty.logical_not()), double.NegativeInfinity);
                }
                else if (attn_mask is not null)
                {
                    scores = scores + attn_mask;
                    empty = scores.eq(double.NegativeInfinity).all(-1, true);
                    scores = scores.masked_fill(empty, 0);
                }
                var weights = softmax(scores, -1);
                if (empty is not null) weights = weights.masked_fill(empty, 0);
                if (p > 0) weights = dropout(weights, p);
                return weights.matmul(value).MoveToOuterDisposeScope();
            }
        }
    }
}
