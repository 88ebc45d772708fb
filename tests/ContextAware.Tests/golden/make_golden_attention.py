"""Writes attention.safetensors: what PyTorch's attention gives over its options.

Run with a Python that has PyTorch (made with Debian 12's python3-torch 1.13.1):
    python3 make_golden_attention.py
Names: <case>/<kind>/<name>, where kind is parameter, input, output or gradient. The gradients are those of
(output * outer).sum(), with outer among the inputs.
"""
import json
import os
import struct

import torch
from torch import nn

TENSORS = {}


def put(case, kind, name, tensor):
    TENSORS[f"{case}/{kind}/{name}"] = tensor.detach().contiguous()


def write(path):
    types = {torch.float32: "F32", torch.float64: "F64", torch.bool: "BOOL", torch.int64: "I64"}
    header, blobs, offset = {"__metadata__": {"made by": "make_golden_attention.py, torch " + torch.__version__}}, [], 0
    for name, tensor in TENSORS.items():
        blob = tensor.numpy().tobytes()
        header[name] = {"dtype": types[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def multi_head(case, width=6, heads=3, batch=2, queries=3, keys=5, same=False, key_is_value=False, kdim=None, vdim=None,
               unbatched=False, mask=None, padding=None, average=False, **options):
    torch.manual_seed(len(TENSORS))
    module = nn.MultiheadAttention(width, heads, kdim=kdim, vdim=vdim, batch_first=True, dtype=torch.float64, **options)
    with torch.no_grad():
        for parameter in module.parameters():       # biases start at zero, and would hide a mistake
            parameter.add_(torch.randn_like(parameter) * 0.3)
    shape = () if unbatched else (batch,)
    query = torch.randn(*shape, queries, width, dtype=torch.float64, requires_grad=True)
    key = query if same else torch.randn(*shape, keys, kdim or width, dtype=torch.float64, requires_grad=True)
    value = key if same or key_is_value else torch.randn(*shape, keys, vdim or width, dtype=torch.float64, requires_grad=True)
    if same:
        keys = queries
    outer = torch.randn(*shape, queries, width, dtype=torch.float64)
    output, weights = module(query, key, value, attn_mask=mask, key_padding_mask=padding,
                             need_weights=True, average_attn_weights=average)
    (output * outer).sum().backward()
    for name, parameter in module.named_parameters():
        put(case, "parameter", name, parameter)
        put(case, "gradient", name, parameter.grad)
    inputs = {"query": query} if same else {"query": query, "key": key} if key_is_value else {"query": query, "key": key, "value": value}
    for name, tensor in inputs.items():
        put(case, "input", name, tensor)
        put(case, "gradient", name, tensor.grad)
    put(case, "input", "outer", outer)
    for name, tensor in {"mask": mask, "padding": padding}.items():
        if tensor is not None:
            put(case, "input", name, tensor)
    put(case, "output", "output", output)
    put(case, "output", "weights", weights)


def functional(case, mask=None, width=5, value_width=7, shape=(2, 3), causal=False):
    torch.manual_seed(len(TENSORS))
    query, key = (torch.randn(*shape, length, width, dtype=torch.float64, requires_grad=True) for length in (4, 6))
    value = torch.randn(*shape, 6, value_width, dtype=torch.float64, requires_grad=True)
    outer = torch.randn(*shape, 4, value_width, dtype=torch.float64)
    sdpa = torch.nn.functional._scaled_dot_product_attention
    output, weights = sdpa(query, key, value, attn_mask=mask, need_attn_weights=True, is_causal=causal)
    (output * outer).sum().backward()
    for name, tensor in {"query": query, "key": key, "value": value}.items():
        put(case, "input", name, tensor)
        put(case, "gradient", name, tensor.grad)
    put(case, "input", "outer", outer)
    if mask is not None:
        put(case, "input", "mask", mask)
    put(case, "output", "output", output)
    put(case, "output", "weights", weights)


def fresh(case, width, heads, **options):
    torch.manual_seed(20240229)
    for name, parameter in nn.MultiheadAttention(width, heads, **options).named_parameters():
        put(case, "parameter", name, parameter)


torch.manual_seed(1)
causal = torch.ones(3, 3, dtype=torch.bool).triu(1)
padding = torch.tensor([[False, False, True, False, True], [False, True, True, True, True]])
drawn = torch.rand(3, 5) < 0.4
drawn[:, 0] = False
bias = torch.randn(3, 5, dtype=torch.float64)
per_head = torch.randn(2 * 3, 3, 5, dtype=torch.float64)

multi_head("self", same=True)
multi_head("self, causal", same=True, mask=causal)
multi_head("self, average", same=True, average=True)
multi_head("cross", key_is_value=True)
multi_head("three inputs")
multi_head("no bias", bias=False)
multi_head("kdim", kdim=4)
multi_head("kdim and vdim", kdim=4, vdim=7)
multi_head("kdim and vdim, no bias", kdim=4, vdim=7, bias=False)
multi_head("bias kv", add_bias_kv=True)
multi_head("zero attention", add_zero_attn=True)
multi_head("bias kv, zero attention, padding", add_bias_kv=True, add_zero_attn=True, padding=padding)
multi_head("bias kv, mask, average", add_bias_kv=True, mask=drawn, average=True)
multi_head("padding", padding=padding)
multi_head("mask", mask=drawn)
multi_head("mask and padding", mask=drawn, padding=padding)
multi_head("float mask", mask=bias)
multi_head("float mask per head, zero attention", mask=per_head, add_zero_attn=True)
multi_head("unbatched", unbatched=True)
multi_head("unbatched, self, causal", unbatched=True, same=True, mask=causal)
multi_head("one head", heads=1)
functional("functional")
functional("functional, bool", mask=torch.rand(4, 6) < 0.6)
functional("functional, float", mask=torch.randn(2, 1, 4, 6, dtype=torch.float64))
fresh("fresh", 8, 2)
fresh("fresh, kdim, bias kv", 8, 2, kdim=5, vdim=3, add_bias_kv=True)
multi_head("mask per head", mask=torch.rand(2 * 3, 3, 5) < 0.4)
multi_head("mask per head, padding, average", mask=torch.cat([torch.rand(2 * 3, 3, 4) < 0.4, torch.zeros(6, 3, 1, dtype=torch.bool)], 2),
           padding=torch.tensor([[False, False, False, True, False], [True, False, True, False, False]]), average=True)
multi_head("self, zero attention, no bias", same=True, add_zero_attn=True, bias=False)
multi_head("kdim and vdim, bias kv, zero attention, padding", kdim=4, vdim=7, add_bias_kv=True, add_zero_attn=True, padding=padding)
multi_head("six heads of one number", heads=6, mask=drawn)
multi_head("unbatched, kdim, float mask", unbatched=True, kdim=4, vdim=4, key_is_value=True, mask=bias)
functional("functional, causal", causal=True)
functional("functional, without heads", shape=(3,), mask=torch.rand(3, 4, 6) < 0.7)

write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "attention.safetensors"))
