"""The network that is trained: a small encoder of words, and heads that weigh the grammar's candidates.

The table of word pieces stays as it was pretrained; all layers learn. The same document always gives the same answer:
no sampling, and dropout only while training.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from extractors.deals.opinions import FIELDS, KINDS, LABELS, STATUSES
from extractors.reader.network import EDGES, REACH
from extractors.reader.nodes import NODE_WIDTH, PARTY_WIDTH, SLOTS, TYPES

ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH, INNER, LAYERS = 128, 64, 6
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def tensor(array) -> Tensor:
    """An array where the network is taught: on a graphics processor if there is one."""
    return torch.from_numpy(array).to(DEVICE)


def read_encoder(folder: Path) -> tuple[dict, dict[str, Tensor]]:
    """The pretrained encoder's settings and weights; refuses a file other than the one that was pinned."""
    file = folder / "model.safetensors"
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != ENCODER_SHA256:
        raise SystemExit(f"{file.name} has SHA-256 {found}, not the pinned one: do not train on it.")
    return json.loads((folder / "config.json").read_text()), load_file(file)


class Layer(nn.Module):
    """One layer of a BERT encoder."""

    def __init__(self, weights: dict[str, Tensor], name: str, *, heads: int):
        super().__init__()
        self.heads = heads
        hidden = weights[f"{name}.attention.self.query.weight"].shape[0]
        inner = weights[f"{name}.intermediate.dense.weight"].shape[0]
        self.qkv, self.out = nn.Linear(hidden, 3 * hidden), nn.Linear(hidden, hidden)
        self.widen, self.narrow = nn.Linear(hidden, inner), nn.Linear(inner, hidden)
        self.norm, self.norm2 = nn.LayerNorm(hidden, eps=1e-12), nn.LayerNorm(hidden, eps=1e-12)
        for kind in ("weight", "bias"):
            three = [weights[f"{name}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            getattr(self.qkv, kind).data = torch.cat(three)
            for module, own in (
                (self.out, "attention.output.dense"),
                (self.norm, "attention.output.LayerNorm"),
                (self.widen, "intermediate.dense"),
                (self.narrow, "output.dense"),
                (self.norm2, "output.LayerNorm"),
            ):
                getattr(module, kind).data = weights[f"{name}.{own}.{kind}"].clone()

    def forward(self, x: Tensor, mask: Tensor | None, drop: float, *, only: Tensor | None = None) -> Tensor:
        """The next vectors of all words, or of those at the places ``only``; ``mask`` (None: all) says who is read."""
        rows, length, hidden = x.shape
        q, k, v = self.qkv(x).view(rows, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        if only is not None:
            x, q = x[:, only], q[:, :, only]
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = self.out(y.transpose(1, 2).reshape(rows, -1, hidden))
        x = self.norm(x + functional.dropout(y, drop, self.training))
        y = self.narrow(functional.gelu(self.widen(x)))
        return self.norm2(x + functional.dropout(y, drop, self.training))


class Encoder(nn.Module):
    """Word pieces to vectors: what is known of a candidate or party is added to its pieces before the layers read."""

    def __init__(self, folder: Path, *, layers: int = LAYERS):
        super().__init__()
        settings, weights = read_encoder(folder)
        hidden = settings["hidden_size"]
        self.word = nn.Embedding.from_pretrained(weights["embeddings.word_embeddings.weight"])
        self.place = nn.Embedding.from_pretrained(weights["embeddings.position_embeddings.weight"])
        self.base = nn.Parameter(weights["embeddings.token_type_embeddings.weight"][0].clone(), requires_grad=False)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        self.norm.weight.data = weights["embeddings.LayerNorm.weight"].clone()
        self.norm.bias.data = weights["embeddings.LayerNorm.bias"].clone()
        self.norm.requires_grad_(False)
        heads = settings["num_attention_heads"]
        self.layers = nn.ModuleList(Layer(weights, f"encoder.layer.{n}", heads=heads) for n in range(layers))

    def forward(self, pieces: Tensor, added: Tensor, mask: Tensor | None, drop: float = 0.0) -> Tensor:
        """The vectors of the words, given what is ``added`` to each."""
        x = self.norm(self.word(pieces) + self.place(torch.arange(pieces.shape[1]))[None] + self.base)
        x = functional.dropout(x, drop, self.training) + added
        for layer in self.layers:
            x = layer(x, None if mask is None else mask[:, None, None, :], drop)
        return x


def _make(width: int, drop: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(width, 256), nn.GELU(approximate="tanh"), nn.Dropout(drop), nn.Linear(256, WIDTH), nn.LayerNorm(WIDTH)
    )


class Heads(nn.Module):
    """What is asked of each node, of pairs of nodes, and of a node and a party."""

    def __init__(self, hidden: int = 384, *, drop: float = 0.15):
        super().__init__()
        self.mark, self.slot = nn.Embedding(len(TYPES), hidden), nn.Embedding(SLOTS + 1, hidden)
        self.of_node, self.of_party = nn.Linear(NODE_WIDTH, hidden), nn.Linear(PARTY_WIDTH, hidden)
        for part in (
            self.mark.weight,
            self.of_node.weight,
            self.of_node.bias,
            self.of_party.weight,
            self.of_party.bias,
        ):
            nn.init.zeros_(part)
        nn.init.normal_(self.slot.weight, std=0.1)
        self.kind_of_node = nn.Embedding(len(TYPES), 32)
        self.node = _make(3 * hidden + NODE_WIDTH + 32, drop)
        self.party = _make(3 * hidden + PARTY_WIDTH, drop)
        self.label = nn.Linear(WIDTH, len(LABELS))
        self.kind, self.status = nn.Linear(WIDTH, len(KINDS)), nn.Linear(WIDTH, len(STATUSES))
        self.far = nn.Embedding(len(EDGES) + 1, 32)
        self.lines, self.paragraphs = nn.Embedding(2 * REACH + 2, 16), nn.Embedding(2 * REACH + 2, 16)
        self.link = nn.Sequential(
            nn.Linear(2 * WIDTH + 64, INNER), nn.GELU(approximate="tanh"), nn.Dropout(drop), nn.Linear(INNER, 1)
        )
        self.ask, self.answer = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(WIDTH, 2 * WIDTH)
        self.near, self.nobody = nn.Linear(64, 2), nn.Linear(WIDTH, 2)
        self.takes_part = nn.Linear(WIDTH, 2)
        allowed = torch.full((len(TYPES), len(LABELS)), -30.0)
        for kind, labels in FIELDS.items():
            for label in ("none", *labels):
                allowed[TYPES.index(kind), LABELS.index(label)] = 0.0
        self.register_buffer("allowed", allowed)

    def added(self, marks: Tensor, owners: Tensor, node_traits: Tensor, party_traits: Tensor, slots: Tensor) -> Tensor:
        """What is added to each piece: its mark, and what is known of the candidate or party that it belongs to."""
        nobody = torch.zeros(1, self.mark.weight.shape[1])
        parties = self.of_party(party_traits) + self.slot(slots)
        return self.mark(marks) + torch.cat([nobody, self.of_node(node_traits), parties])[owners]

    def nodes(self, pooled: Tensor, traits: Tensor, types: Tensor) -> Tensor:
        return self.node(torch.cat([pooled, traits, self.kind_of_node(types)], -1))

    def parties(self, pooled: Tensor, traits: Tensor) -> Tensor:
        return self.party(torch.cat([pooled, traits], -1))

    def labels(self, nodes: Tensor, types: Tensor) -> Tensor:
        return self.label(nodes) + self.allowed[types]

    def gaps(self, a: tuple[Tensor, Tensor, Tensor], b: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """How far apart two lists of things stand: in pieces, lines and paragraphs."""
        pieces, lines, paragraphs = (other[None] - own[:, None] for own, other in zip(a, b, strict=True))
        near = (lines.clamp(-REACH, REACH + 1) + REACH, paragraphs.clamp(-REACH, REACH + 1) + REACH)
        far = torch.bucketize(pieces, tensor(EDGES))
        return torch.cat([self.far(far), self.lines(near[0]), self.paragraphs(near[1])], -1)

    def links(self, nodes: Tensor, places: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """For each pair of nodes how much speaks for one agreement (a logit); symmetric."""
        both = torch.cat([nodes[:, None] * nodes[None], (nodes[:, None] - nodes[None]).abs()], -1)
        found = self.link(torch.cat([both, self.gaps(places, places)], -1))[..., 0]
        return (found + found.T) / 2

    def pointers(self, nodes: Tensor, parties: Tensor, gaps: Tensor) -> Tensor:
        """For each node and each mention of a party: how much speaks for it as supplier and as customer."""
        ask = self.ask(nodes).view(len(nodes), 2, WIDTH)
        answer = self.answer(parties).view(len(parties), 2, WIDTH)
        return torch.einsum("nrd,mrd->nmr", ask, answer) / WIDTH**0.5 + self.near(gaps)


def pool(vectors: Tensor, spans: Tensor) -> Tensor:
    """First, last and mean vector of each span."""
    first, last = spans[:, 0], spans[:, 1]
    sums = torch.cat([torch.zeros(1, vectors.shape[1]), vectors.cumsum(0)])
    mean = (sums[last] - sums[first]) / (last - first).clamp(min=1)[:, None]
    return torch.cat([vectors[first], vectors[last - 1], mean], -1)


def by_entity(pointers: Tensor, nobody: Tensor, entity: Tensor, count: int) -> Tensor:
    """Of each node over nobody (column 0) and each party of the document: logits, mentions summed up."""
    columns = []
    for party in range(count + 1):
        mine = pointers[:, entity == party]
        if party == 0:
            mine = torch.cat([nobody[:, None], mine], 1)
        columns.append(torch.logsumexp(mine, 1))
    return torch.stack(columns, 1)
