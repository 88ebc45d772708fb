#!/usr/bin/env python3
"""Writes transformer.safetensors: what PyTorch's transformer layers and stacks give over their options.

Run with a Python that has PyTorch (made with Debian 12's python3-torch 1.13.1):
    /usr/bin/python3 make_golden_transformer.py
Names: <case>/<kind>/<name>, where kind is parameter, input, output or gradient; the case says the options. Masks are
PyTorch's: true, or minus infinity, hides. The gradients are those of (output * outer).sum(), with outer among the inputs.
"""
import pathlib
import sys

import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "TorchSharp.SystemLibtorch.Tests" / "golden"))
from golden_file import save  # noqa: E402

TENSORS = {}
WIDTH, HEADS, HIDDEN = 6, 3, 10
BATCH, SOURCE, TARGET = 2, 5, 4
LENGTHS = {"source": [5, 3], "target": [2, 4]}


def normal(*size):
    return torch.randn(size, dtype=torch.float64)


def causal(length):
    return torch.ones(length, length, dtype=torch.bool).triu(1)


def padding(which, length):
    return torch.arange(length) >= torch.tensor(LENGTHS[which]).unsqueeze(1)


def case(name, module, inputs, masks):
    with torch.no_grad():
        for parameter in module.parameters():       # biases and gains start at 0 and 1, and would hide a mistake
            parameter.add_(torch.randn_like(parameter) * 0.3)
    for tensor in inputs.values():
        tensor.requires_grad_()
    output = module(*inputs.values(), **masks)
    outer = torch.randn_like(output)
    (output * outer).sum().backward()
    tensors = {
        "parameter": dict(module.named_parameters()),
        "input": {**inputs, **masks, "outer": outer},
        "gradient": {key: tensor.grad for key, tensor in inputs.items()},
        "output": {"output": output},
    }
    for kind, entries in tensors.items():
        for key, tensor in entries.items():
            TENSORS[f"{name}/{kind}/{key}"] = tensor
    module.eval()                                   # the fused path, where there is one
    with torch.no_grad():
        assert torch.allclose(module(*inputs.values(), **masks), output, atol=1e-6)


def options(norm_first, activation):
    return dict(d_model=WIDTH, nhead=HEADS, dim_feedforward=HIDDEN, dropout=0.0, activation=activation,
                batch_first=True, norm_first=norm_first, dtype=torch.float64)


def name(kind, norm_first, activation, *masks):
    return ", ".join([kind, *(["norm first"] if norm_first else []), activation, *masks])


def encoder_masks(padded, is_causal, key="src_mask", padding_key="src_key_padding_mask"):
    return {**({key: causal(SOURCE)} if is_causal else {}), **({padding_key: padding("source", SOURCE)} if padded else {})}


torch.manual_seed(20240229)
for norm_first in (False, True):
    for activation in ("relu", "gelu"):
        given = options(norm_first, activation)
        for label, masks in {
            "": {},
            "causal": encoder_masks(False, True),
            "padding": encoder_masks(True, False),
            "causal and padding": encoder_masks(True, True),
            "float mask": {"src_mask": normal(SOURCE, SOURCE)},
        }.items():
            case(name("encoder layer", norm_first, activation, *filter(None, [label])),
                 nn.TransformerEncoderLayer(**given), {"source": normal(BATCH, SOURCE, WIDTH)}, masks)
        for label, masks in {
            "": {},
            "causal": {"tgt_mask": causal(TARGET)},
            "memory mask": {"tgt_mask": causal(TARGET), "memory_mask": torch.arange(SOURCE) > torch.arange(TARGET).unsqueeze(1)},
            "padding": {"tgt_mask": causal(TARGET), "tgt_key_padding_mask": padding("target", TARGET),
                        "memory_key_padding_mask": padding("source", SOURCE)},
        }.items():
            case(name("decoder layer", norm_first, activation, *filter(None, [label])),
                 nn.TransformerDecoderLayer(**given),
                 {"target": normal(BATCH, TARGET, WIDTH), "memory": normal(BATCH, SOURCE, WIDTH)}, masks)
    given = options(norm_first, "gelu")
    case(name("encoder", norm_first, "gelu", "causal and padding"),
         nn.TransformerEncoder(nn.TransformerEncoderLayer(**given), 2, nn.LayerNorm(WIDTH, dtype=torch.float64) if norm_first else None, False),
         {"source": normal(BATCH, SOURCE, WIDTH)}, encoder_masks(True, True, key="mask"))
    case(name("decoder", norm_first, "gelu", "padding"),
         nn.TransformerDecoder(nn.TransformerDecoderLayer(**given), 2, nn.LayerNorm(WIDTH, dtype=torch.float64) if norm_first else None),
         {"target": normal(BATCH, TARGET, WIDTH), "memory": normal(BATCH, SOURCE, WIDTH)},
         {"tgt_mask": causal(TARGET), "memory_key_padding_mask": padding("source", SOURCE)})
    case(name("transformer", norm_first, "relu", "padding"),
         nn.Transformer(num_encoder_layers=2, num_decoder_layers=1, **options(norm_first, "relu")),
         {"source": normal(BATCH, SOURCE, WIDTH), "target": normal(BATCH, TARGET, WIDTH)},
         {"tgt_mask": causal(TARGET), "src_key_padding_mask": padding("source", SOURCE),
          "memory_key_padding_mask": padding("source", SOURCE)})
case("encoder layer, relu, unbatched", nn.TransformerEncoderLayer(**options(False, "relu")), {"source": normal(SOURCE, WIDTH)}, {})
case("decoder layer, relu, unbatched", nn.TransformerDecoderLayer(**options(False, "relu")),
     {"target": normal(TARGET, WIDTH), "memory": normal(SOURCE, WIDTH)}, {"tgt_mask": causal(TARGET)})

save(str(HERE / "transformer.safetensors"), TENSORS)
