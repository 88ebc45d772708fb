using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op
                _cross_entropy = "cross_entropy_loss", _nll_loss = "nll_loss_nd", _mse_loss = "mse_loss", _l1_loss = "l1_loss",
                _smooth_l1_loss = "smooth_l1_loss", _huber_loss = "huber_loss", _bce = "binary_cross_entropy",
                _bce_logits = "binary_cross_entropy_with_logits", _kl_div = "kl_div", _soft_margin = "soft_margin_loss",
                _cosine_embedding = "cosine_embedding_loss", _margin_ranking = "margin_ranking_loss",
                _hinge_embedding = "hinge_embedding_loss", _triplet_margin = "triplet_margin_loss";

            /// <summary>Logits [N, C, …] or [C] against classes [N, …] or probabilities of the logits' shape.</summary>
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor weight = null, long ignore_index = -100,
                Reduction reduction = Reduction.Mean, double label_smoothing = 0.0)
                => _cross_entropy.Call(input, target, Value.Optional(weight), (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean)
                => _nll_loss.Call(input, target, Value.Optional(weight), (long)reduction);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
                => _mse_loss.Call(input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
                => _l1_loss.Call(input, target, (long)reduction);

            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0)
                => _smooth_l1_loss.Call(input, target, (long)reduction, beta);

            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1.0, Reduction reduction = Reduction.Mean)
                => _huber_loss.Call(input, target, (long)reduction, delta);

            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean)
            {
                CheckSameSize(input, target);
                using var expanded = weight?.expand(target.shape);
                return _bce.Call(input, target, Value.Optional(expanded), (long)reduction);
            }

            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor weight = null,
                Reduction reduction = Reduction.Mean, Tensor pos_weights = null)
            {
                CheckSameSize(input, target);
                return _bce_logits.Call(input, target, Value.Optional(weight), Value.Optional(pos_weights), (long)reduction);
            }

            /// <summary>Kullback–Leibler divergence of log-probabilities from a target, itself logarithmic by default.</summary>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean)
                => _kl_div.Call(input, target, (long)reduction, log_target);

            public static Tensor soft_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
                => _soft_margin.Call(input, target, (long)reduction);

            public static Tensor cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean)
                => _cosine_embedding.Call(input1, input2, target, margin, (long)reduction);

            public static Tensor margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean)
                => _margin_ranking.Call(input1, input2, target, margin, (long)reduction);

            public static Tensor hinge_embedding_loss(Tensor input, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean)
                => _hinge_embedding.Call(input, target, margin, (long)reduction);

            public static Tensor triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin = 1.0, long p = 2,
                double eps = 1e-6, bool swap = false, Reduction reduction = Reduction.Mean)
                => _triplet_margin.Call(anchor, positive, negative, margin, (double)p, eps, swap, (long)reduction);

            // The operators themselves would broadcast or read past the end.
            private static void CheckSameSize(Tensor input, Tensor target)
            {
                long[] own = input.shape, other = target.shape;
                if (!own.AsSpan().SequenceEqual(other))
                    throw new ExternalException($"Target size ([{string.Join(", ", other)}]) must be the same as input size ([{string.Join(", ", own)}])");
            }
        }
    }
}
