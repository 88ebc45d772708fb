#!/usr/bin/python3
"""Writes buckets.safetensors: T5's bucket of each distance, computed with PyTorch in float32 as T5's programs do.

Follows the description in Raffel et al. 2020, section 2.1. Needs Debian's python3-torch:  /usr/bin/python3 make_golden_buckets.py
"""
import json
import math
import os
import struct

import torch


def buckets(distance, bidirectional, count, maximum):
    offset = torch.zeros_like(distance)
    if bidirectional:
        count //= 2
        offset = (distance > 0).long() * count
        past = distance.abs()
    else:
        past = (-distance).clamp(min=0)
    exact = count // 2
    far = exact + (torch.log(past.float() / exact) / math.log(maximum / exact) * (count - exact)).long()
    return offset + torch.where(past < exact, past, far.clamp(max=count - 1))


distance = torch.arange(-300, 301)
header, data = {"__metadata__": {"distances": "-300 to 300"}}, b""
for name, arguments in {
    "encoder": (True, 32, 128), "decoder": (False, 32, 128), "small": (True, 8, 20), "narrow": (False, 10, 64),
}.items():
    values = buckets(distance, *arguments).tolist()
    header[name] = {"dtype": "I64", "shape": [len(values)], "data_offsets": [len(data), len(data) + 8 * len(values)]}
    data += struct.pack("<%dq" % len(values), *values)

text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "buckets.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
