"""Greedy decoding as plain PyTorch: modules of the same sizes, packed projections, a preallocated cache."""
import math

import torch
from torch import nn
from torch.nn import functional as F

TOKENS = 128
PROMPT = [1, 5, 7, 11]


class Attention(nn.Module):
    def __init__(self, width, heads, groups, context, bias):
        super().__init__()
        self.heads, self.groups, self.head_width = heads, groups, width // heads
        self.qkv = nn.Linear(width, width + 2 * groups * self.head_width, bias=bias)
        self.proj = nn.Linear(width, width, bias=bias)
        self.register_buffer("keys", torch.zeros(1, groups, context, self.head_width), persistent=False)
        self.register_buffer("values", torch.zeros(1, groups, context, self.head_width), persistent=False)

    def forward(self, x, start, turn):
        b, t, width = x.shape
        keys = self.groups * self.head_width
        q, k, v = self.qkv(x).split([width, keys, keys], -1)
        q = q.view(b, t, self.heads, self.head_width)
        k = k.view(b, t, self.groups, self.head_width)
        if turn is not None:
            q, k = rotate(q, turn), rotate(k, turn)
        q = q.transpose(1, 2)
        end = start + t
        self.keys[:, :, start:end] = k.transpose(1, 2)
        self.values[:, :, start:end] = v.view(b, t, self.groups, self.head_width).transpose(1, 2)
        k, v = self.keys[:, :, :end], self.values[:, :, :end]
        if self.groups < self.heads:
            k = k.repeat_interleave(self.heads // self.groups, 1)
            v = v.repeat_interleave(self.heads // self.groups, 1)
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=t > 1)
        else:
            scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(self.head_width))
            if t > 1:
                hidden = torch.ones(t, end, dtype=torch.bool).triu(end - t + 1)
                scores = scores.masked_fill(hidden, float("-inf"))
            y = scores.softmax(-1) @ v
        return self.proj(y.transpose(1, 2).reshape(b, t, width))


def rotate(x, turn):
    """x [B, T, H, E]; pairs of neighbours as complex numbers, as Llama's own implementation has it."""
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turn[:, None]).flatten(-2)


class RmsNorm(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


class Gelu(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc, self.proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.proj(F.gelu(self.fc(x), approximate="tanh"))


class SwiGlu(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.gate, self.up = nn.Linear(width, hidden, bias=False), nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Block(nn.Module):
    def __init__(self, norm, attention, mlp):
        super().__init__()
        self.norm1, self.attention, self.norm2, self.mlp = norm(), attention, norm(), mlp

    def forward(self, x, start, turn):
        x = x + self.attention(self.norm1(x), start, turn)
        return x + self.mlp(self.norm2(x))


class Model(nn.Module):
    def __init__(self, vocabulary, width, layers, heads, context, groups=None, hidden=None):
        super().__init__()
        llama = hidden is not None
        self.embedding = nn.Embedding(vocabulary, width)
        self.positions = None if llama else nn.Embedding(context, width)
        norm = (lambda: RmsNorm(width)) if llama else (lambda: nn.LayerNorm(width))
        self.layers = nn.ModuleList(
            Block(norm, Attention(width, heads, groups or heads, context, not llama), SwiGlu(width, hidden) if llama else Gelu(width))
            for _ in range(layers))
        self.norm = norm()
        e = width // heads
        angles = torch.outer(torch.arange(context).float(), 10000 ** (-torch.arange(0, e, 2).float() / e))
        self.turns = torch.polar(torch.ones_like(angles), angles) if llama else None
        for parameter in self.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, 0, 0.02)

    def forward(self, tokens, start):
        end = start + tokens.shape[1]
        x = self.embedding(tokens)
        if self.positions is not None:
            x = x + self.positions.weight[start:end]
        turn = None if self.turns is None else self.turns[start:end]
        for layer in self.layers:
            x = layer(x, start, turn)
        return F.linear(self.norm(x[:, -1:]), self.embedding.weight)


def greedy(*sizes, **more):
    def prepare():
        torch.manual_seed(1)
        model = Model(*sizes, **more).eval()

        def run():
            with torch.inference_mode():
                text = list(PROMPT)
                tokens, start = torch.tensor([PROMPT]), 0
                for _ in range(TOKENS):
                    logits = model(tokens, start)
                    start += tokens.shape[1]
                    tokens = logits[:, -1].argmax(-1, keepdim=True)
                    text.append(tokens.item())
        return run
    return prepare


CASES = {
    "decode-gpt2-4x256": greedy(1000, 256, 4, 8, 256),
    "decode-stories260K": greedy(512, 64, 5, 8, 512, groups=4, hidden=172),
}
