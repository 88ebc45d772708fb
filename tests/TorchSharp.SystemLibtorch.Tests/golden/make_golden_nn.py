#!/usr/bin/env python3
"""Writes nn_*.safetensors beside this file: what PyTorch's modules and functions give.

    apt-get install python3-torch && /usr/bin/python3 make_golden_nn.py

Keys are CASE/NAME. Each case starts from seed 7. A module's case has its initial values (init.*), three numbers drawn
after them (after), inputs (in.*), outputs (out.*), fixed factors that make a scalar of the outputs (factor.*), and the
gradients of that scalar (grad.*).
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import rnn

from golden_file import save

SEED = 7
torch.set_num_threads(1)


def normal(*size):
    return torch.randn(size, dtype=torch.float64).float()


MODULES = {
    "linear": (lambda: nn.Linear(5, 7), [(3, 5)]),
    "linear_plain": (lambda: nn.Linear(5, 7, bias=False), [(2, 3, 5)]),
    "bilinear": (lambda: nn.Bilinear(3, 4, 5), [(2, 3), (2, 4)]),
    "embedding": (lambda: nn.Embedding(11, 6), "indices"),
    "embedding_padding": (lambda: nn.Embedding(11, 6, padding_idx=3), "indices"),
    "layer_norm": (lambda: nn.LayerNorm((3, 5)), [(2, 3, 5)]),
    "group_norm": (lambda: nn.GroupNorm(2, 6), [(2, 6, 5)]),
    "batch_norm1d": (lambda: nn.BatchNorm1d(5), [(4, 5)]),
    "batch_norm2d": (lambda: nn.BatchNorm2d(3, momentum=0.3), [(2, 3, 4, 5)]),
    "prelu": (lambda: nn.PReLU(3), [(2, 3, 4)]),
    "conv1d": (lambda: nn.Conv1d(3, 5, 3, stride=2, padding=1), [(2, 3, 7)]),
    "conv1d_same": (lambda: nn.Conv1d(3, 5, 4, padding="same", dilation=2), [(2, 3, 9)]),
    "conv1d_reflect": (lambda: nn.Conv1d(2, 4, 3, padding=2, padding_mode="reflect", groups=2), [(2, 2, 7)]),
    "conv2d": (lambda: nn.Conv2d(3, 4, (3, 2), stride=(1, 2), padding=(1, 0)), [(2, 3, 5, 6)]),
    "conv2d_circular": (lambda: nn.Conv2d(2, 3, (3, 5), padding=(1, 2), padding_mode="circular", bias=False), [(1, 2, 5, 7)]),
    "conv_transpose1d": (lambda: nn.ConvTranspose1d(3, 4, 3, stride=2, output_padding=1), [(2, 3, 4)]),
    "conv_transpose2d": (lambda: nn.ConvTranspose2d(4, 6, (2, 3), stride=2, padding=1, groups=2), [(1, 4, 3, 4)]),
    "max_pool1d": (lambda: nn.MaxPool1d(3, padding=1), [(2, 3, 8)]),
    "max_pool2d": (lambda: nn.MaxPool2d((2, 3), stride=(1, 2)), [(2, 3, 5, 7)]),
    "avg_pool1d": (lambda: nn.AvgPool1d(3, stride=2, padding=1), [(2, 3, 8)]),
    "avg_pool2d": (lambda: nn.AvgPool2d((2, 3), count_include_pad=False, padding=1), [(2, 3, 5, 7)]),
    "adaptive_avg_pool2d": (lambda: nn.AdaptiveAvgPool2d((2, 3)), [(2, 3, 5, 7)]),
    "adaptive_max_pool1d": (lambda: nn.AdaptiveMaxPool1d(3), [(2, 3, 7)]),
    "adaptive_max_pool2d": (lambda: nn.AdaptiveMaxPool2d((2, 3)), [(2, 3, 5, 7)]),
    "rnn_cell": (lambda: nn.RNNCell(5, 3), [(2, 5), (2, 3)]),
    "rnn_cell_relu": (lambda: nn.RNNCell(5, 3, nonlinearity="relu"), [(2, 5), (2, 3)]),
    "gru_cell": (lambda: nn.GRUCell(5, 3), [(2, 5), (2, 3)]),
    "lstm_cell": (lambda: nn.LSTMCell(5, 3), [(2, 5), (2, 3), (2, 3)]),
    "rnn": (lambda: nn.RNN(5, 3, 2), [(4, 2, 5), (2, 2, 3)]),
    "rnn_relu": (lambda: nn.RNN(5, 3, nonlinearity="relu", bias=False, batch_first=True), [(2, 4, 5), (1, 2, 3)]),
    "gru": (lambda: nn.GRU(5, 3, 2, bidirectional=True), [(4, 2, 5), (4, 2, 3)]),
    "gru_zero_state": (lambda: nn.GRU(5, 3, batch_first=True), [(2, 4, 5)]),
    "lstm": (lambda: nn.LSTM(5, 3, 2, bidirectional=True), [(4, 2, 5), (4, 2, 3), (4, 2, 3)]),
    "lstm_zero_state": (lambda: nn.LSTM(5, 3, 2, bias=False, batch_first=True), [(2, 4, 5)]),
}


def record(tensors, case, inputs, outputs, parameters=()):
    """Inputs, outputs, and the gradients of sum(outputs * factors) with respect to the inputs that are real numbers and to the parameters."""
    scalar = 0
    for i, output in enumerate(outputs):
        factor = normal(*output.shape).to(output.dtype)
        tensors[f"{case}/out.{i}"] = output
        tensors[f"{case}/factor.{i}"] = factor
        scalar = scalar + (output * factor).sum()
    leaves = [(f"in.{i}", x) for i, x in enumerate(inputs) if x.requires_grad] + list(parameters)
    gradients = torch.autograd.grad(scalar, [leaf for _, leaf in leaves], retain_graph=True)
    for i, x in enumerate(inputs):
        tensors[f"{case}/in.{i}"] = x
    for (name, _), gradient in zip(leaves, gradients):
        tensors[f"{case}/grad.{name}"] = gradient


def flat(outputs):
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return [leaf for output in outputs for leaf in flat(output)]


def modules():
    tensors = {}
    for case, (make, sizes) in MODULES.items():
        torch.manual_seed(SEED)
        module = make()
        for name, value in module.state_dict().items():
            tensors[f"{case}/init.{name}"] = value.clone()
        tensors[f"{case}/after"] = torch.rand(3)
        inputs = [torch.tensor([[1, 3, 3], [10, 0, 1]])] if sizes == "indices" else [normal(*size).requires_grad_() for size in sizes]
        if case.startswith("lstm"):
            arguments = [inputs[0]] + ([tuple(inputs[1:])] if len(inputs) > 1 else [])
        else:
            arguments = inputs
        outputs = flat(module(*arguments))
        record(tensors, case, inputs, outputs, module.named_parameters())
        for name, value in module.named_buffers():
            tensors[f"{case}/state.{name}"] = value
    save("nn_modules.safetensors", tensors)


def packed():
    tensors = {}
    for case, kind, lengths in [("gru_sorted", nn.GRU, [5, 3, 2]), ("gru_unsorted", nn.GRU, [2, 5, 3]), ("lstm_unsorted", nn.LSTM, [2, 5, 3]), ("rnn_unsorted", nn.RNN, [3, 1, 4])]:
        torch.manual_seed(SEED)
        module = kind(4, 3, 2, bidirectional=True, batch_first=True)
        inputs = [normal(3, max(lengths), 4).requires_grad_()]
        sequence = rnn.pack_padded_sequence(inputs[0], torch.tensor(lengths), batch_first=True, enforce_sorted=case.endswith("_sorted"))
        output, state = module(sequence)
        padded, back = rnn.pad_packed_sequence(output, batch_first=True, padding_value=0.5)
        for name, value in module.state_dict().items():
            tensors[f"{case}/init.{name}"] = value.clone()
        record(tensors, case, inputs, [padded] + flat(state), module.named_parameters())
        tensors[f"{case}/lengths"] = back
        tensors[f"{case}/data"] = sequence.data
        tensors[f"{case}/batch_sizes"] = sequence.batch_sizes
    save("nn_packed.safetensors", tensors)


FUNCTIONS = {
    "relu": F.relu, "relu6": F.relu6, "leaky_relu": lambda x: F.leaky_relu(x, 0.2), "elu": lambda x: F.elu(x, 0.7), "selu": F.selu,
    "celu": lambda x: F.celu(x, 0.7), "gelu": F.gelu, "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu, "mish": F.mish,
    "softplus": lambda x: F.softplus(x, 2, 1), "tanh": torch.tanh, "sigmoid": torch.sigmoid, "logsigmoid": F.logsigmoid,
    "glu": lambda x: F.glu(x, 0), "hardtanh": lambda x: F.hardtanh(x, -0.4, 0.6), "hardsigmoid": F.hardsigmoid, "hardswish": F.hardswish,
    "hardshrink": F.hardshrink, "softshrink": F.softshrink, "threshold": lambda x: F.threshold(x, 0.1, 2),
    "softmax": lambda x: F.softmax(x, 1), "log_softmax": lambda x: F.log_softmax(x, 0), "softmin": lambda x: F.softmin(x, 1),
    "normalize": F.normalize, "normalize_1": lambda x: F.normalize(x, p=1, dim=0),
}

IMAGES = {
    "pad": lambda x: F.pad(x, (1, 2, 0, 3), value=0.5), "pad_reflect": lambda x: F.pad(x, (1, 2, 2, 1), mode="reflect"),
    "pad_replicate": lambda x: F.pad(x, (1, 2, 2, 1), mode="replicate"), "pad_circular": lambda x: F.pad(x, (1, 2, 2, 1), mode="circular"),
    "nearest": lambda x: F.interpolate(x, size=(7, 3)), "nearest_exact": lambda x: F.interpolate(x, size=(7, 3), mode="nearest-exact"),
    "bilinear": lambda x: F.interpolate(x, scale_factor=(1.5, 2.5), mode="bilinear"),
    "bilinear_recomputed": lambda x: F.interpolate(x, scale_factor=(1.5, 2.5), mode="bilinear", recompute_scale_factor=True),
    "bilinear_corners": lambda x: F.interpolate(x, size=(7, 9), mode="bilinear", align_corners=True),
    "bilinear_antialias": lambda x: F.interpolate(x, size=(2, 3), mode="bilinear", antialias=True),
    "bicubic": lambda x: F.interpolate(x, size=(7, 9), mode="bicubic"), "area": lambda x: F.interpolate(x, size=(2, 3), mode="area"),
    "unfold": lambda x: F.unfold(x, (2, 3), padding=1, stride=2), "fold": lambda x: F.fold(F.unfold(x, 2), x.shape[2:], 2),
    "pixel_shuffle": lambda x: F.pixel_shuffle(x, 2), "pixel_unshuffle": lambda x: F.pixel_unshuffle(x, 2),
}

SIZES = {"pixel_shuffle": [(2, 4, 6, 5)], "pixel_unshuffle": [(2, 3, 4, 6)]}

PAIRS = {
    "cosine_similarity": lambda x, y: F.cosine_similarity(x, y, 0), "pairwise_distance": F.pairwise_distance,
    "mse": F.mse_loss, "mse_none": lambda x, y: F.mse_loss(x, y, reduction="none"), "l1": F.l1_loss, "l1_sum": lambda x, y: F.l1_loss(x, y, reduction="sum"),
    "smooth_l1": lambda x, y: F.smooth_l1_loss(x, y, beta=0.3), "huber": lambda x, y: F.huber_loss(x, y, delta=0.3),
    "bce": lambda x, y: F.binary_cross_entropy(x.sigmoid(), y.sigmoid()), "bce_logits": lambda x, y: F.binary_cross_entropy_with_logits(x, y.sigmoid()),
    "kl_div": lambda x, y: F.kl_div(x.log_softmax(1), y.log_softmax(1), log_target=True),
    "kl_div_plain": lambda x, y: F.kl_div(x.log_softmax(1), y.softmax(1), reduction="sum"),
    "soft_margin": lambda x, y: F.soft_margin_loss(x + y, torch.ones(4, 6)), "cosine_embedding": lambda x, y: F.cosine_embedding_loss(x, y, torch.tensor([1, -1, 1, -1]), 0.1),
    "margin_ranking": lambda x, y: F.margin_ranking_loss(x, y, torch.ones(4, 6), 0.1), "hinge_embedding": lambda x, y: F.hinge_embedding_loss(x + y, torch.tensor([1.0, -1.0]).repeat(4, 3), 0.5),
    "triplet": lambda x, y: F.triplet_margin_loss(x, y, y.flip(0)),
}

WEIGHT = [0.5, 1.0, 2.0, 0.1, 1.5, 0.7]
CLASSES = [5, 0, 3, 2]
LOSSES = {
    "cross_entropy": lambda x, t: F.cross_entropy(x, t), "cross_entropy_sum": lambda x, t: F.cross_entropy(x, t, reduction="sum"),
    "cross_entropy_ignored": lambda x, t: F.cross_entropy(x, t, ignore_index=3), "cross_entropy_weighted": lambda x, t: F.cross_entropy(x, t, torch.tensor(WEIGHT)),
    "cross_entropy_smoothed": lambda x, t: F.cross_entropy(x, t, torch.tensor(WEIGHT), ignore_index=0, label_smoothing=0.1),
    "cross_entropy_none": lambda x, t: F.cross_entropy(x, t, reduction="none"),
    "nll": lambda x, t: F.nll_loss(F.log_softmax(x, 1), t), "nll_weighted": lambda x, t: F.nll_loss(F.log_softmax(x, 1), t, torch.tensor(WEIGHT), reduction="sum"),
}


def functions():
    tensors = {}
    for table, sizes in [(FUNCTIONS, [(4, 6)]), (IMAGES, [(2, 3, 4, 5)]), (PAIRS, [(4, 6), (4, 6)]), (LOSSES, [(4, 6)])]:
        for case, function in table.items():
            torch.manual_seed(SEED)
            inputs = [normal(*size).requires_grad_() for size in SIZES.get(case, sizes)]
            extra = [torch.tensor(CLASSES)] if table is LOSSES else []
            record(tensors, case, inputs + extra, [function(*inputs, *extra)])
    # Attention as libtorch 2 defines it: true takes part, rows with nothing to see give zero.
    torch.manual_seed(SEED)
    q, k, v = inputs = [normal(2, 3, t, e).requires_grad_() for t, e in [(4, 5), (6, 5), (6, 7)]]
    scores = q @ k.transpose(-2, -1) / 5 ** 0.5
    allowed = torch.rand(2, 1, 4, 6) > 0.4
    allowed[0, 0, 1] = False
    added = torch.randn(4, 6)
    weights = scores.masked_fill(~allowed, -1e30).softmax(-1) * allowed.any(-1, keepdim=True)
    record(tensors, "attention", inputs, [scores.softmax(-1) @ v])
    record(tensors, "attention_boolean", inputs, [weights @ v])
    record(tensors, "attention_added", inputs, [(scores + added).softmax(-1) @ v])
    record(tensors, "attention_causal", inputs, [scores.masked_fill(~torch.ones(4, 6).tril().bool(), -1e30).softmax(-1) @ v])
    tensors["attention_boolean/allowed"] = allowed
    tensors["attention_added/added"] = added
    save("nn_functions.safetensors", tensors)


INIT = {
    "uniform": ((3, 5), lambda t: nn.init.uniform_(t, -2, 3)), "normal": ((3, 5), lambda t: nn.init.normal_(t, 1, 2)),
    "normal_large": ((6, 7), nn.init.normal_), "constant": ((3, 5), lambda t: nn.init.constant_(t, 0.3)), "eye": ((3, 5), nn.init.eye_),
    "dirac": ((4, 3, 3, 4), nn.init.dirac_), "xavier_uniform": ((4, 3, 2), lambda t: nn.init.xavier_uniform_(t, 2)),
    "xavier_normal": ((4, 5), nn.init.xavier_normal_), "kaiming_uniform": ((4, 5), lambda t: nn.init.kaiming_uniform_(t, 0.2)),
    "kaiming_uniform_out": ((4, 5, 2), lambda t: nn.init.kaiming_uniform_(t, mode="fan_out", nonlinearity="relu")),
    "kaiming_normal": ((4, 5), lambda t: nn.init.kaiming_normal_(t, nonlinearity="tanh")),
    "trunc_normal": ((5, 7), lambda t: nn.init.trunc_normal_(t, 0.5, 1.5, -1, 1)), "orthogonal": ((4, 6), nn.init.orthogonal_),
    "orthogonal_tall": ((7, 2, 2), lambda t: nn.init.orthogonal_(t, 1.5)), "sparse": ((6, 4), lambda t: nn.init.sparse_(t, 0.4)),
    "dropout": ((9, 11), lambda t: F.dropout(torch.ones_like(t), 0.3)), "dropout2d": ((3, 5, 2, 2), lambda t: F.dropout2d(torch.ones_like(t), 0.3)),
    "alpha_dropout": ((9, 11), lambda t: F.alpha_dropout(torch.ones_like(t), 0.3, training=True)),
}


def initial():
    tensors = {}
    for case, (size, fill) in INIT.items():
        torch.manual_seed(SEED)
        tensors[f"{case}/value"] = fill(torch.empty(*size))
        tensors[f"{case}/after"] = torch.rand(3)
    save("nn_init.safetensors", tensors)


if __name__ == "__main__":
    modules()
    packed()
    functions()
    initial()
