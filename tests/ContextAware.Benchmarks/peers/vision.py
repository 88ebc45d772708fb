"""The vision cases as plain PyTorch: squeeze-and-excitation and CBAM as the papers write them and most programs do."""
import torch
from torch import nn
from torch.nn import functional as F


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = channels // reduction
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(self.avg_pool(x).flatten(1))[:, :, None, None]


class ConvBlockAttention(nn.Module):
    def __init__(self, channels, reduction=16, kernel=7):
        super().__init__()
        hidden = channels // reduction
        self.mlp = nn.Sequential(nn.Conv2d(channels, hidden, 1, bias=False), nn.ReLU(), nn.Conv2d(hidden, channels, 1, bias=False))
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2)

    def forward(self, x):
        x = x * torch.sigmoid(self.mlp(F.adaptive_avg_pool2d(x, 1)) + self.mlp(F.adaptive_max_pool2d(x, 1)))
        pooled = torch.cat([x.max(1, keepdim=True)[0], x.mean(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.conv(pooled))


def train(module):
    def prepare():
        torch.manual_seed(1)
        block = module(64)
        x = torch.randn(32, 64, 56, 56, requires_grad=True)

        def run():
            block.zero_grad(set_to_none=True)
            x.grad = None
            block(x).sum().backward()
        return run
    return prepare


class CaptionDecoder(nn.Module):
    """Show, attend and tell: soft attention, a scalar gate, an LSTM cell, word by word, as tutorials write it."""

    def __init__(self, width, attention, words):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.encoder_att = nn.Linear(width, attention)
        self.decoder_att = nn.Linear(width, attention)
        self.full_att = nn.Linear(attention, 1)
        self.init_h = nn.Linear(width, width)
        self.init_c = nn.Linear(width, width)
        self.f_beta = nn.Linear(width, 1)
        self.decode_step = nn.LSTMCell(2 * width, width)
        self.fc = nn.Linear(3 * width, words)

    def forward(self, features, captions):
        mean = features.mean(1)
        h, c = torch.tanh(self.init_h(mean)), self.init_c(mean)
        keys, embedded = self.encoder_att(features), self.embedding(captions)
        logits, weights = [], []
        for step in range(captions.shape[1]):
            scores = self.full_att(torch.tanh(keys + self.decoder_att(h)[:, None])).squeeze(2)
            alpha = torch.softmax(scores, 1)
            context = (features * alpha[:, :, None]).sum(1) * torch.sigmoid(self.f_beta(h))
            h, c = self.decode_step(torch.cat([embedded[:, step], context], 1), (h, c))
            logits.append(self.fc(torch.cat([h, context, embedded[:, step]], 1)))
            weights.append(alpha)
        return torch.stack(logits, 1), torch.stack(weights, 1)


def caption():
    torch.manual_seed(1)
    batch, places, width, words, length = 32, 49, 512, 1000, 18
    decoder = CaptionDecoder(width, 256, words)
    features = torch.randn(batch, places, width, requires_grad=True)
    source, target = (torch.randint(3, words, (batch, length)) for _ in range(2))

    def run():
        decoder.zero_grad(set_to_none=True)
        features.grad = None
        logits, weights = decoder(features, source)
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten())
        loss = loss + 0.01 * ((1 - weights.sum(1)) ** 2).sum(1).mean()
        loss.backward()
    return run


CASES = {"squeeze-train": train(SqueezeExcitation), "cbam-train": train(ConvBlockAttention), "caption-train": caption}
