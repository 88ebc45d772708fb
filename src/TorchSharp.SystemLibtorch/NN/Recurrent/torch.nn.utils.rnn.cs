namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Packing batches of sequences of unequal length.</summary>
            public static partial class rnn
            {
                private static readonly Op
                    _pack = "_pack_padded_sequence", _unpack = "_pad_packed_sequence", _pad = "pad_sequence", _sort = "sort";

                /// <summary>
                /// Packs [T, B, …], or [B, T, …] where the batch comes first. Lengths are on the CPU, and descending unless
                /// <paramref name="enforce_sorted"/> is false.
                /// </summary>
                public static PackedSequence pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first = false, bool enforce_sorted = true)
                {
                    using var scope = NewDisposeScope();
                    Tensor order = new(0, register: false), inverse = new(0, register: false);
                    if (!enforce_sorted)
                    {
                        (lengths, order) = _sort.Call2(lengths, -1L, true);
                        order = order.to(input.device);
                        inverse = order.argsort();
                        input = input.index_select(batch_first ? 0 : 1, order);
                    }
                    var (data, batchSizes) = _pack.Call2(input, lengths, batch_first);
                    return new PackedSequence(data, batchSizes, order, inverse).MoveToOuterDisposeScope();
                }

                /// <summary>The padded batch, in its order before packing, and its lengths.</summary>
                public static (Tensor, Tensor) pad_packed_sequence(PackedSequence sequence, bool batch_first = false, double padding_value = 0.0, long? total_length = null)
                {
                    using var scope = NewDisposeScope();
                    var length = sequence.batch_sizes.size(0);
                    if (total_length < length)
                        throw new System.Runtime.InteropServices.ExternalException(
                            $"Expected total_length to be at least the length of the longest sequence in input, but got total_length={total_length} and max sequence length being {length}");
                    var (padded, lengths) = _unpack.Call2(sequence.data, sequence.batch_sizes, batch_first, padding_value, total_length ?? length);
                    if (!sequence.unsorted_indices.IsInvalid)
                    {
                        padded = padded.index_select(batch_first ? 0 : 1, sequence.unsorted_indices);
                        lengths = lengths.index_select(0, sequence.unsorted_indices.cpu());
                    }
                    return scope.MoveToOuter(padded, lengths);
                }

                /// <summary>Stacks sequences [T, …] into one batch as long as the longest.</summary>
                public static Tensor pad_sequence(IEnumerable<Tensor> sequences, bool batch_first = false, double padding_value = 0.0)
                    => _pad.Call(Value.Tensors(sequences), batch_first, padding_value);

                public static PackedSequence pack_sequence(IEnumerable<Tensor> sequences, bool enforce_sorted = true)
                {
                    using var scope = NewDisposeScope();
                    var array = sequences.ToArray();
                    var lengths = tensor(array.Select(sequence => sequence.size(0)).ToArray());
                    return pack_padded_sequence(pad_sequence(array), lengths, false, enforce_sorted).MoveToOuterDisposeScope();
                }
            }
        }
    }
}
