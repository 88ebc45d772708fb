"""Writes recurrence.safetensors: what PyTorch's nn.GRU and nn.LSTM read in packed sequences.

Run with a Python that has PyTorch (made with Debian 12's python3-torch 1.13.1):
    python3 make_golden_recurrence.py
Names: <case>/<kind>/<name>, where kind is parameter, input, output or gradient. The gradients are those of
(output * outer).sum() over the padded output, with outer among the inputs.
"""
import pathlib
import sys

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "TorchSharp.SystemLibtorch.Tests" / "golden"))
import golden_file  # noqa: E402

TENSORS = {}
LENGTHS = [3, 5, 1, 4]


def recurrence(kind, layers, bidirectional):
    case = f"{kind.__name__.lower()} {layers} {'both' if bidirectional else 'one'}"
    torch.manual_seed(len(TENSORS))
    module = kind(3, 4, layers, batch_first=True, bidirectional=bidirectional).double()
    embedded = torch.randn(len(LENGTHS), max(LENGTHS), 3, dtype=torch.float64, requires_grad=True)
    packed = pack_padded_sequence(embedded, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    read, state = module(packed)
    output, _ = pad_packed_sequence(read, batch_first=True)
    outer = torch.randn_like(output)
    (output * outer).sum().backward()
    hidden, memory = state if isinstance(state, tuple) else (state, None)
    found = {"input/embedded": embedded, "input/lengths": torch.tensor(LENGTHS), "input/outer": outer,
             "output/output": output, "output/hidden": hidden, "gradient/embedded": embedded.grad}
    if memory is not None:
        found["output/memory"] = memory
    for name, parameter in module.named_parameters():
        found[f"parameter/{name}"] = parameter
        found[f"gradient/{name}"] = parameter.grad
    TENSORS.update({f"{case}/{name}": tensor for name, tensor in found.items()})


for one in (nn.GRU, nn.LSTM):
    recurrence(one, 1, False)
    recurrence(one, 1, True)
    recurrence(one, 2, True)
golden_file.save(HERE / "recurrence.safetensors", TENSORS)
