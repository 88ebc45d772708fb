#!/usr/bin/python3
"""Writes types.safetensors: one PyTorch tensor of each element type.

The file is laid out here by hand from the format's description, so that it tests the library's reader.
Needs Debian's python3-torch:  /usr/bin/python3 make_golden_types.py
"""
import json
import os
import struct

import torch

TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}

torch.manual_seed(3)
header, data = {"__metadata__": {"made_by": "PyTorch " + torch.__version__.split("+")[0]}}, b""
for name, dtype in TYPES.items():
    values = torch.randn(3, 5, dtype=torch.float64) * 20
    if name == "U8":
        values = values.abs()
    tensor = (values > 0) if name == "BOOL" else values.to(dtype)
    raw = bytes(tensor.contiguous().view(-1).view(torch.uint8).tolist())
    header[name] = {"dtype": name, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
    # The same numbers once more, as everybody's float64.
    wide = bytes(tensor.to(torch.float64).view(-1).view(torch.uint8).tolist())
    header["wide." + name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(wide)]}
    data += wide

text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "types.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
