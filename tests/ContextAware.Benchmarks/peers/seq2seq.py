"""The model of examples/Pronounce as plain PyTorch: a bidirectional GRU reads, a GRU with additive attention writes."""
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PADDING, START, END = 0, 1, 2
LETTERS, PHONES = 30, 42
EMBEDDING, HIDDEN = 64, 256
BEAM, STEPS = 5, 8


def words(count):
    """Lengths as in a bucket of CMUdict; the same words as in Seq2SeqCases.cs."""
    return [([3 + (31 * i + 17 * j) % (LETTERS - 3) for j in range(7 + i % 2)],
             [3 + (13 * i + 29 * j) % (PHONES - 3) for j in range(6 + i % 3)]) for i in range(count)]


def padded(rows):
    longest = max(len(row) for row in rows)
    return torch.tensor([row + [PADDING] * (longest - len(row)) for row in rows])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(LETTERS, EMBEDDING, padding_idx=PADDING)
        self.encoder = nn.GRU(EMBEDDING, HIDDEN // 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(HIDDEN, HIDDEN)
        self.phones = nn.Embedding(PHONES, EMBEDDING, padding_idx=PADDING)
        self.query_layer = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.key_layer = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.energy_layer = nn.Linear(HIDDEN, 1, bias=False)
        self.cell = nn.GRUCell(EMBEDDING + HIDDEN, HIDDEN)
        self.out = nn.Linear(HIDDEN + HIDDEN + EMBEDDING, PHONES)

    def encode(self, source, lengths):
        packed = pack_padded_sequence(self.letters(source), lengths, batch_first=True, enforce_sorted=False)
        read, state = self.encoder(packed)
        values, _ = pad_packed_sequence(read, batch_first=True)
        state = torch.tanh(self.bridge(torch.cat([state[0], state[1]], 1)))
        blocked = torch.arange(source.shape[1])[None] >= lengths[:, None]
        return values, self.key_layer(values), blocked, state

    def step(self, embedded, values, keys, blocked, state):
        scores = self.energy_layer(torch.tanh(self.query_layer(state)[:, None] + keys)).squeeze(-1)
        weights = scores.masked_fill(blocked, float("-inf")).softmax(-1)
        context = torch.bmm(weights[:, None], values).squeeze(1)
        state = self.cell(torch.cat([embedded, context], 1), state)
        return state, context

    def forward(self, source, lengths, target):
        values, keys, blocked, state = self.encode(source, lengths)
        embedded = self.phones(target)
        states, contexts = [], []
        for step in embedded.unbind(1):
            state, context = self.step(step, values, keys, blocked, state)
            states.append(state)
            contexts.append(context)
        return self.out(torch.cat([torch.stack(states, 1), torch.stack(contexts, 1), embedded], 2))


def train(count):
    def prepare():
        torch.manual_seed(1)
        model = Model()
        pairs = words(count)
        source, lengths = padded([s for s, _ in pairs]), torch.tensor([len(s) for s, _ in pairs])
        given, wanted = padded([[START] + t for _, t in pairs]), padded([t + [END] for _, t in pairs])
        optimizer = torch.optim.Adam(model.parameters(), 1e-3)

        def run():
            optimizer.zero_grad(set_to_none=True)
            logits = model(source, lengths, given)
            loss = cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PADDING)
            loss.item()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        return run
    return prepare


@torch.no_grad()
def beam_search(model, sources):
    """All sources side by side; what ended is set aside, and what is left goes on."""
    source, lengths = padded(sources), torch.tensor([len(s) for s in sources])
    values, keys, blocked, state = model.encode(source, lengths)
    finished = [[] for _ in sources]
    # Each beginning: its log-probability, and its symbols as a chain back to the start.
    beams = [[(0.0, (None, START))] for _ in sources]
    for step in range(STEPS):
        width = len(beams[0])
        tokens = torch.tensor([symbols[1] for beam in beams for _, symbols in beam])
        embedded = model.phones(tokens)
        state, context = model.step(embedded, values, keys, blocked, state)
        logits = model.out(torch.cat([state, context, embedded], 1))
        before = torch.tensor([score for beam in beams for score, _ in beam])
        totals = (logits.log_softmax(-1) + before[:, None]).view(len(beams), -1)
        scores, places = totals.topk(min(2 * BEAM, totals.shape[1]))
        rows, grown = [], []
        for i, (best, where) in enumerate(zip(scores.tolist(), places.tolist())):
            beam = []
            for rank, (score, place) in enumerate(zip(best, where)):
                parent, token = divmod(place, PHONES)
                if token != END:
                    beam.append((score, (beams[i][parent][1], token)))
                    rows.append(i * width + parent)
                elif rank < BEAM:
                    finished[i].append((score, beams[i][parent][1]))
                if len(beam) == BEAM:
                    break
            grown.append(beam)
        beams = grown
        index = torch.tensor(rows)
        state = state[index]
        if width != BEAM:
            values, keys, blocked = values[index], keys[index], blocked[index]
    return beams, finished


def decode(count):
    def prepare():
        torch.manual_seed(1)
        model = Model().eval()
        with torch.no_grad():
            model.out.bias[END] = -100.0    # nothing ends early: both sides take as many steps
        sources = [s for s, _ in words(count)]
        return lambda: beam_search(model, sources)
    return prepare


CASES = {
    "pronounce-train-128": train(128),
    "pronounce-beam-256": decode(256),
}
