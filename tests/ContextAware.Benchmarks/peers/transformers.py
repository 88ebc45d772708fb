"""The transformer cases as plain PyTorch: nn.TransformerEncoder, as a user runs it."""
import torch
from torch import nn


def make():
    torch.manual_seed(1)
    layer = nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True)
    return nn.TransformerEncoder(layer, 6), torch.randn(8, 128, 512)


def inference():
    encoder, source = make()
    encoder.eval()              # without gradients this takes PyTorch's fused layers

    def run():
        with torch.no_grad():
            encoder(source)
    return run


def training():
    encoder, source = make()
    encoder.train()

    def run():
        encoder.zero_grad(set_to_none=True)
        encoder(source).sum().backward()
    return run


CASES = {
    "encoder-8x128": inference,
    "encoder-8x128-packed": inference,
    "encoder-8x128-parts": inference,
    "encoder-8x128-train": training,
}
