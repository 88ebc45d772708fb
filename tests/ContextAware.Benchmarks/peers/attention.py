"""The attention cases as plain PyTorch: nn.MultiheadAttention, and additive attention as tutorials write it."""
import torch
from torch import nn


def no_grad(run):
    def inner():
        with torch.no_grad():
            run()
    return inner


def multi_head(batch, query_length, key_length, width, heads, weights=False, train=False, lengths=None):
    def prepare():
        torch.manual_seed(1)
        module = nn.MultiheadAttention(width, heads, batch_first=True)
        query = torch.randn(batch, query_length, width)
        key = query if key_length is None else torch.randn(batch, key_length, width)
        padding = None
        if lengths is not None:
            padding = torch.arange(query_length)[None, :] >= torch.tensor(lengths)[:, None]
        if train:
            module.train()
            query.requires_grad_(True)

            def run():
                module.zero_grad(set_to_none=True)
                query.grad = None
                output, _ = module(query, key, key, key_padding_mask=padding, need_weights=weights)
                output.sum().backward()
            return run
        module.eval()
        return no_grad(lambda: module(query, key, key, key_padding_mask=padding, need_weights=weights))
    return prepare


class Additive(nn.Module):
    """Bahdanau et al. 2015: v' tanh(W q + U k), softmax, weighted sum."""

    def __init__(self, width, hidden):
        super().__init__()
        self.query_layer = nn.Linear(width, hidden, bias=False)
        self.key_layer = nn.Linear(width, hidden, bias=False)
        self.energy_layer = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, projected, value, allowed):
        scores = self.energy_layer(torch.tanh(self.query_layer(query)[:, :, None] + projected[:, None])).squeeze(-1)
        scores = scores.masked_fill(~allowed[:, None], float("-inf"))
        weights = torch.softmax(scores, -1)
        return weights @ value


def additive(batch, steps, length, width, at_once):
    def prepare():
        torch.manual_seed(1)
        module = Additive(width, width)
        queries = torch.randn(batch, steps, width)
        value = torch.randn(batch, length, width)
        lengths = torch.arange(batch) % (length // 2) + length // 2
        allowed = torch.arange(length)[None] < lengths[:, None]

        def run():
            projected = module.key_layer(value)
            if at_once:
                module(queries, projected, value, allowed)
            else:
                for step in range(steps):
                    module(queries[:, step:step + 1], projected, value, allowed)
        return no_grad(run)
    return prepare


def tiny_add():
    a = torch.zeros(1)

    def run():
        for _ in range(20000):
            b = a + a  # noqa: F841
    return run


LENGTHS = [128 - 3 * i for i in range(32)]

CASES = {
    "tiny-add": tiny_add,
    "self-4x1024": multi_head(4, 1024, None, 512, 8),
    "self-4x1024-weights": multi_head(4, 1024, None, 512, 8, weights=True),
    "self-4x1024-train": multi_head(4, 1024, None, 512, 8, train=True),
    "self-1x8192": multi_head(1, 8192, None, 512, 8),
    "cross-32x50x100": multi_head(32, 50, 100, 512, 8),
    "padded-32x128": multi_head(32, 128, None, 512, 8, lengths=LENGTHS),
    "additive-steps-64x50": additive(64, 40, 50, 256, at_once=False),
    "additive-at-once-64x40x50": additive(64, 40, 50, 256, at_once=True),
}
