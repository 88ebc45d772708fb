"""Writes vision.safetensors: what the formulas of the papers give in PyTorch, with the parameter names of its usual programs.

Run with a Python that has PyTorch (made with Debian 12's python3-torch 1.13.1):
    python3 make_golden_vision.py
Names: <case>/<kind>/<name>, where kind is state (what the module loads), input, output or gradient. The gradients are
those of (output * outer).sum(), with outer among the inputs. Modules with batch norm come in evaluation and in training.
"""
import json
import os
import struct

import torch
from torch import nn
from torch.nn import functional as F

TENSORS = {}


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        hidden = channels // reduction
        self.fc = nn.Sequential(nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class EfficientChannelAttention(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.conv(x.mean((2, 3))[:, None]))[:, 0, :, None, None]


class ChannelAttention(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        hidden = channels // reduction
        self.se = nn.Sequential(nn.Conv2d(channels, hidden, 1, bias=False), nn.ReLU(), nn.Conv2d(hidden, channels, 1, bias=False))

    def forward(self, x):
        return x * torch.sigmoid(self.se(F.adaptive_avg_pool2d(x, 1)) + self.se(F.adaptive_max_pool2d(x, 1)))


class SpatialAttention(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2)

    def forward(self, x):
        return x * torch.sigmoid(self.conv(torch.cat([x.max(1, keepdim=True)[0], x.mean(1, keepdim=True)], 1)))


class ConvBlockAttention(nn.Module):
    def __init__(self, channels, reduction, kernel):
        super().__init__()
        self.ca = ChannelAttention(channels, reduction)
        self.sa = SpatialAttention(kernel)

    def forward(self, x):
        return self.sa(self.ca(x))


class Branch(nn.Module):
    def __init__(self, name, layers):
        super().__init__()
        self.name = name
        setattr(self, name, nn.Sequential())
        for key, layer in layers.items():
            getattr(self, name).add_module(key, layer)

    def forward(self, x):
        return getattr(self, self.name)(x)


class BottleneckAttention(nn.Module):
    def __init__(self, channels, reduction, dilation):
        super().__init__()
        hidden = channels // reduction
        self.channel_att = Branch("gate_c", {
            "gate_c_fc_0": nn.Linear(channels, hidden), "gate_c_bn_1": nn.BatchNorm1d(hidden), "gate_c_relu_1": nn.ReLU(),
            "gate_c_fc_final": nn.Linear(hidden, channels)})
        layers = {"gate_s_conv_reduce0": nn.Conv2d(channels, hidden, 1), "gate_s_bn_reduce0": nn.BatchNorm2d(hidden), "gate_s_relu_reduce0": nn.ReLU()}
        for i in range(2):
            layers[f"gate_s_conv_di_{i}"] = nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation)
            layers[f"gate_s_bn_di_{i}"] = nn.BatchNorm2d(hidden)
            layers[f"gate_s_relu_di_{i}"] = nn.ReLU()
        layers["gate_s_conv_final"] = nn.Conv2d(hidden, 1, 1)
        self.spatial_att = Branch("gate_s", layers)

    def forward(self, x):
        channel = self.channel_att(x.mean((2, 3)))[:, :, None, None]
        return x + x * torch.sigmoid(channel + self.spatial_att(x))


class CoordinateAttention(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        hidden = max(8, channels // reduction)
        self.conv1 = nn.Conv2d(channels, hidden, 1)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.conv_h = nn.Conv2d(hidden, channels, 1)
        self.conv_w = nn.Conv2d(hidden, channels, 1)

    def forward(self, x):
        height, width = x.shape[2:]
        pooled = torch.cat([x.mean(3, keepdim=True), x.mean(2, keepdim=True).transpose(2, 3)], 2)
        mixed = self.bn1(self.conv1(pooled))
        mixed = mixed * F.relu6(mixed + 3) / 6
        rows, columns = mixed.split([height, width], 2)
        return x * torch.sigmoid(self.conv_h(rows)) * torch.sigmoid(self.conv_w(columns.transpose(2, 3)))


class NonLocalBlock(nn.Module):
    def __init__(self, channels, inner, dot):
        super().__init__()
        self.dot = dot
        self.g, self.theta, self.phi = (nn.Conv2d(channels, inner, 1) for _ in range(3))
        self.W = nn.Conv2d(inner, channels, 1)

    def forward(self, x):
        query, key, value = (layer(x).flatten(2) for layer in (self.theta, self.phi, self.g))
        scores = torch.einsum("bmi,bmj->bij", query, key)
        weights = scores / scores.shape[-1] if self.dot else scores.softmax(-1)
        return self.W(torch.einsum("bij,bmj->bmi", weights, value).unflatten(2, x.shape[2:])) + x


class Relative(nn.Module):
    """Swin's table, gathered by an index as that program does."""

    def __init__(self, heads, height, width):
        super().__init__()
        self.height, self.width = height, width
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * height - 1) * (2 * width - 1), heads))

    def forward(self):
        rows, columns = torch.meshgrid(torch.arange(self.height), torch.arange(self.width), indexing="ij")
        places = torch.stack([rows.flatten(), columns.flatten()])
        steps = places[:, :, None] - places[:, None, :]
        index = (steps[0] + self.height - 1) * (2 * self.width - 1) + steps[1] + self.width - 1
        return self.relative_position_bias_table[index].permute(2, 0, 1)


class FeatureMapAttention(nn.Module):
    def __init__(self, channels, heads, size=None):
        super().__init__()
        self.heads = heads
        self.attention = nn.MultiheadAttention(channels, heads, batch_first=True)
        if size is not None:
            self.bias = Relative(heads, *size)

    def forward(self, x):
        batch, channels, height, width = x.shape
        tokens = x.flatten(2).transpose(1, 2)
        if hasattr(self, "bias"):
            keys, mask = tokens, self.bias().repeat(batch, 1, 1)
        else:
            keys, mask = tokens + sinusoids(channels, height, width).flatten(1).t(), None
        output, _ = self.attention(keys, keys, tokens, attn_mask=mask)
        return x + output.transpose(1, 2).unflatten(2, (height, width))


def sinusoids(channels, height, width):
    half = channels // 2
    table = torch.zeros(channels, height, width, dtype=torch.float64)
    for i in range(half):
        turn = 10000 ** (-(i - i % 2) / half)
        wave = torch.cos if i % 2 else torch.sin
        table[i] = wave(torch.arange(height, dtype=torch.float64) * turn)[:, None]
        table[half + i] = wave(torch.arange(width, dtype=torch.float64) * turn)[None, :]
    return table


def put(case, kind, name, tensor):
    TENSORS[f"{case}/{kind}/{name}"] = tensor.detach().clone().contiguous()


def run(case, module, shape, train=False):
    torch.manual_seed(len(TENSORS))
    module.double().train(train)
    with torch.no_grad():
        for name, value in module.state_dict().items():     # no value that hides a mistake: no zero bias, no unit variance
            if value.is_floating_point():
                value.copy_(torch.rand_like(value) + 0.5 if "running_var" in name else torch.randn_like(value) * 0.4)
    for name, value in module.state_dict().items():
        put(case, "state", name, value)
    x = torch.randn(*shape, dtype=torch.float64, requires_grad=True)
    outer = torch.randn(*shape, dtype=torch.float64)
    output = module(x)
    (output * outer).sum().backward()
    put(case, "input", "x", x)
    put(case, "input", "outer", outer)
    put(case, "output", "output", output)
    put(case, "gradient", "x", x.grad)
    for name, parameter in module.named_parameters():
        put(case, "gradient", name, parameter.grad)


def write(path):
    types = {torch.float64: "F64", torch.int64: "I64"}
    header, blobs, offset = {"__metadata__": {"made by": "make_golden_vision.py, torch " + torch.__version__}}, [], 0
    for name, tensor in TENSORS.items():
        blob = tensor.numpy().tobytes()
        header[name] = {"dtype": types[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


run("squeeze and excitation", SqueezeExcitation(7, 3), (2, 7, 5, 3))
run("efficient channel", EfficientChannelAttention(3), (2, 7, 5, 3))
run("channel", ChannelAttention(7, 3), (2, 7, 5, 3))
run("spatial", SpatialAttention(7), (2, 3, 5, 11))
run("conv block", ConvBlockAttention(7, 3, 7), (2, 7, 5, 3))
for train in (False, True):
    suffix = ", training" if train else ""
    run("bottleneck" + suffix, BottleneckAttention(7, 3, 2), (3, 7, 5, 3), train)
    run("coordinate" + suffix, CoordinateAttention(7, 3), (2, 7, 5, 3), train)
run("non-local", NonLocalBlock(7, 3, dot=False), (2, 7, 5, 3))
run("non-local, dot", NonLocalBlock(7, 3, dot=True), (2, 7, 5, 3))
run("map, sinusoidal", FeatureMapAttention(10, 2), (2, 10, 5, 3))
run("map, relative", FeatureMapAttention(10, 2, (5, 3)), (2, 10, 5, 3))

write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "vision.safetensors"))
