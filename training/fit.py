"""Fit the weights of the assembler on annotated documents, and say how they do on documents they have not seen.

    python training/fit.py [FILES...] [--folds 5] [--held-out dev-a dev-b] [--copies 1] [--write]

With ``--folds`` each document is predicted by weights fitted without it; the inputs of the later models are likewise
made by earlier models that have not seen the document. ``--held-out`` keeps the files of these names out of the fit and
scores them, also with every name swapped. ``--copies`` adds so many copies of each document with invented names.
``--write`` fits on everything and writes the weights.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import sys
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import numpy as np
from align import align
from learn import fit_classifier, fit_ranker
from swap import swap_names

from extractors.deals import assemble as assembly
from extractors.deals.details import (
    best_label,
    group_features,
    kind_features,
    model_features,
    model_marks,
    site_options,
    site_words,
    status_features,
)
from extractors.deals.facts import Models, facts_from, guess_fields
from extractors.deals.features import item_features, line_features
from extractors.deals.groups import Group, group_facts, group_options
from extractors.deals.linear import WEIGHTS, to_classifier, to_ranker
from extractors.deals.opinions import Opinions
from extractors.deals.pairs import pair_options, role_chances
from extractors.deals.roles import ROLES, entities_of, role_options
from extractors.deals.trust import find_grounds
from extractors.deals.view import ITEM_TYPES
from extractors.evaluate import evaluate, model_key, same_party
from extractors.lines import deal_row, to_document
from extractors.pipeline import read_view
from extractors.reader.nodes import columns_of, nodes_of

SWAPPED = -1  # the seed of copies that are only for measuring
READER = "reader"


class Example:
    """A document with its view, its annotation and the alignment of both."""

    def __init__(self, gold, view, *, seed=None):
        self.gold, self.view, self.group, self.seed = gold, view, 0, seed
        self.copied = seed is not None
        self.aligned = align(view, gold)
        self.features = [item_features(view, item) for item in view.items]
        self.shared = [line_features(view, n) for n in range(len(view.lines))]
        self.deal_of = {id(item): self.aligned.deals.get(n, ()) for n, item in enumerate(view.items)}

    def row(self, n):
        """All features of an item, those that its line shares among them."""
        return [*self.features[n], *self.shared[self.view.items[n].sentence]]


def fit_items(examples):
    fields, data = {}, {}
    for kind in ITEM_TYPES:
        rows, labels = [], []
        for e in examples:
            for n, item in enumerate(e.view.items):
                if item.type == kind and n not in e.aligned.unsure:
                    rows.append(e.row(n))
                    labels.append(e.aligned.labels.get(n, "none"))
        if "none" not in labels:
            rows.append([])
            labels.append("none")
        data[f"field_{kind}"] = fit_classifier(rows, labels, l2=8.0)
        fields[kind] = to_classifier(data[f"field_{kind}"])
    rows, labels = [], []
    for e in examples:
        for n, item in enumerate(e.view.items):
            kinds = {e.gold["deals"][d]["kind"] for d in e.aligned.deals.get(n, ())}
            if len(kinds) == 1:
                rows.append([*e.row(n), f"T={item.type}"])
                labels.append(kinds.pop())
    data["kind"] = fit_classifier(rows, labels, l2=6.0)
    return Models(fields, to_classifier(data["kind"])), data


def out_of_fold(examples, folds):
    """Facts of each example, by models that have not seen it."""
    facts = {}
    for fold in range(folds):
        models, _ = fit_items([e for e in examples if e.group % folds != fold])
        for e in examples:
            if e.group % folds == fold:
                guesses = guess_fields(e.view, e.features, e.shared, models)
                facts[id(e)] = facts_from(e.view, e.features, e.shared, guesses, models)
    return facts


def teach_groups(e, facts):
    """Decisions of joining or opening, along the annotated deals."""
    groups, owner, out = [], {}, []
    for turn, fact in enumerate(facts):
        deals = e.deal_of.get(id(fact.item), ())
        if not deals:
            continue
        known = [owner[d] for d in deals if d in owner]
        options = group_options(e.view, fact, groups)
        right = max(known, key=lambda n: groups[n].turn) if known else len(groups)
        if len(options) > 1:
            out.append((options, right))
        if not known:
            groups.append(Group())
        for d in deals:
            owner.setdefault(d, right)
        groups[right].add(fact, turn=turn)
    return out


def fit_groups(examples, facts):
    decisions = [d for e in examples for d in teach_groups(e, facts[id(e)])]
    data = fit_ranker([d[0] for d in decisions], [d[1] for d in decisions], l2=3.0)
    return to_ranker(data), data


def owners(e, groups):
    """For each group the annotated deal that most of its facts belong to, each deal once."""
    votes = []
    for g, group in enumerate(groups):
        counts = Counter()
        for fact in group.facts:
            for d in e.deal_of.get(id(fact.item), ()):
                counts[d] += (2 if fact.label != "anchor" else 1) / len(e.deal_of[id(fact.item)])
        votes += [(score, -g, d) for d, score in counts.items()]
    owner, taken = {}, set()
    for _, minus_g, d in sorted(votes, reverse=True):
        if -minus_g not in owner and d not in taken:
            owner[-minus_g] = d
            taken.add(d)
    return owner


def teach_roles(e, groups, owner):
    """For each role decisions between the parties of a document, nobody last; the right one nearest."""
    out = {role: [] for role in ROLES}
    parties = entities_of(e.view)
    if not parties:
        return out
    for g, d in owner.items():
        deal, options = e.gold["deals"][d], role_options(e.view, groups[g], parties)
        for role in ROLES:
            hits = party_hits(deal, role, parties)
            if deal.get(role) and not hits:
                continue
            right = nearest(groups[g], parties, hits) if hits else len(parties)
            keep = [n for n in range(len(options)) if n not in hits or n == right]
            out[role].append(([options[n] for n in keep], keep.index(right)))
    return out


def party_hits(deal, role, parties):
    wanted = deal.get(role)
    return [n for n, (entity, _) in enumerate(parties) if wanted and same_party(wanted, list(entity.names))]


def nearest(group, parties, hits):
    return min(hits, key=lambda n: min(abs(m.sentence - f.item.sentence) for m in parties[n][1] for f in group.facts))


def fit_roles(lessons):
    data = {}
    for role in ROLES:
        decisions = [d for lesson in lessons for d in lesson[role]]
        data[role] = fit_ranker([d[0] for d in decisions], [d[1] for d in decisions], l2=12.0)
    return data, {role: to_ranker(data[role]) for role in ROLES}


def fit_pairs(examples, grouped, lessons, folds=4):
    groups_, right_ = [], []
    for fold in range(folds):
        _, rankers = fit_roles([lesson for e, lesson in zip(examples, lessons, strict=True) if e.group % folds != fold])
        for e in examples:
            if e.group % folds == fold:
                for pairs, right in teach_pairs(e, grouped[id(e)], rankers):
                    groups_.append([pair.features for pair in pairs])
                    right_.append(right)
    return fit_ranker(groups_, right_, l2=8.0)


def teach_pairs(e, groups, rankers):
    parties = entities_of(e.view)
    owner = owners(e, groups)
    if not parties:
        return
    kept = [g for g in range(len(groups)) if g in owner]
    groups = [groups[g] for g in kept]
    chances = [role_chances(e.view, group, parties, rankers) for group in groups]
    for n, g in enumerate(kept):
        deal = e.gold["deals"][owner[g]]
        hits = {role: party_hits(deal, role, parties) or ([] if deal.get(role) else [len(parties)]) for role in ROLES}
        pairs = pair_options(e.view, groups, parties, chances, n)
        right = [k for k, p in enumerate(pairs) if p.supplier in hits["supplier"] and p.customer in hits["customer"]]
        if right:
            best = max(right, key=lambda k: pairs[k].features["log:s"] + pairs[k].features["log:c"])
            keep = [k for k in range(len(pairs)) if k not in right or k == best]
            yield [pairs[k] for k in keep], keep.index(best)


def fit_deals(examples, grouped):
    lessons = [teach_roles(e, grouped[id(e)], owners(e, grouped[id(e)])) for e in examples]
    data, _ = fit_roles(lessons)
    data["pairs"] = fit_pairs(examples, grouped, lessons)
    site_groups, site_right = [], []
    model_rows, model_labels, status_rows, status_labels, deal_rows, deal_labels = [], [], [], [], [], []
    for e in examples:
        groups = grouped[id(e)]
        owner = owners(e, groups)
        for g, group in enumerate(groups):
            deal = e.gold["deals"][owner[g]] if g in owner else None
            deal_rows.append(group_features(e.view, group, groups))
            deal_labels.append("yes" if deal else "no")
            if deal is None:
                continue
            status_rows.append(status_features(e.view, group))
            status_labels.append(deal["status"])
            lesson = teach_site(e, group, deal)
            if lesson:
                site_groups.append(lesson[0])
                site_right.append(lesson[1])
            wanted = {model_key(m) for m in deal.get("gpu_model", ())}
            for model, marks in model_marks(e.view).items():
                model_rows.append(model_features(e.view, group, model, marks))
                model_labels.append("yes" if model_key(model) in wanted else "no")
    data["site"] = fit_ranker(site_groups, site_right, l2=8.0) if site_groups else {"weights": {}}
    data["models"] = fit_classifier(model_rows, model_labels, l2=1.0)
    data["status"] = fit_classifier(status_rows, status_labels, l2=6.0)
    data["deal"] = fit_classifier(deal_rows, deal_labels, l2=8.0)
    return data


def teach_site(e, group, deal):
    """The decision between the places of a document, none last; the right one nearest."""
    if not e.view.sites:
        return None
    options = site_options(e.view, group)
    words, hits = site_words(deal.get("site", "")), []
    for n, mark in enumerate(e.view.sites):
        own = site_words(mark.site.text)
        if words & own and len(words & own) >= 0.5 * min(len(words), len(own)):
            hits.append(n)
    if deal.get("site") and not hits:
        return None
    right = (
        min(hits, key=lambda n: min(abs(e.view.sites[n].token - f.item.token) for f in group.facts))
        if hits
        else len(options) - 1
    )
    keep = [n for n in range(len(options)) if n not in hits or n == right]
    return [options[n] for n in keep], keep.index(right)


def fit_all(examples, inner=4):
    """All weights, in their JSON form, and ready to use."""
    facts = out_of_fold(examples, inner)
    models, data = fit_items(examples)
    grouped = {}
    for fold in range(inner):
        ranker, _ = fit_groups([e for e in examples if e.group % inner != fold], facts)
        for e in examples:
            if e.group % inner == fold:
                grouped[id(e)] = group_facts(e.view, facts[id(e)], ranker)
    ranker, data["groups"] = fit_groups(examples, facts)
    settle_kinds(examples, grouped, inner)
    data["group_kind"] = fit_kinds(examples, grouped)
    data.update(fit_deals(examples, grouped))
    return to_weights(models, ranker, data), data


def fit_kinds(examples, grouped):
    """The classifier of whole groups' kinds."""
    rows, labels = [], []
    for e in examples:
        for g, d in owners(e, grouped[id(e)]).items():
            rows.append(kind_features(e.view, grouped[id(e)][g]))
            labels.append(e.gold["deals"][d]["kind"])
    return fit_classifier(rows, labels, l2=6.0)


def settle_kinds(examples, grouped, folds):
    """Give each group its kind, by classifiers that have not seen the document."""
    found = {}
    for fold in range(folds):
        kinds = to_classifier(fit_kinds([e for e in examples if e.group % folds != fold], grouped))
        for e in examples:
            if e.group % folds == fold:
                for group in grouped[id(e)]:
                    found[id(group)] = best_label(kinds.probabilities(kind_features(e.view, group)))[0]
    for groups in grouped.values():
        for group in groups:
            group.settled = found[id(group)]


def to_weights(models, ranker, data):
    return assembly.Weights(
        models,
        ranker,
        {role: to_ranker(data[role]) for role in ROLES},
        to_ranker(data["pairs"]),
        to_ranker(data["site"]),
        to_classifier(data["models"]),
        to_classifier(data["status"]),
        to_classifier(data["deal"]),
        to_classifier(data["group_kind"]),
    )


def read_examples(paths, *, seeds=(None,), opinions=None):
    """The annotated documents of JSONL files, each with its view; a seed stands for a copy with invented names.

    ``opinions`` holds what the reader thinks of them, by document id and seed; a document without goes without.
    """
    examples = []
    for path in map(Path, paths):
        for line in path.read_text(encoding="utf-8").splitlines():
            for seed in seeds:
                gold = json.loads(line) if seed is None else swap_names(json.loads(line), seed=seed)
                view = read_view(to_document(json.dumps(gold), number=0))
                if opinions and (gold["id"], seed) in opinions:
                    attach(view, opinions[gold["id"], seed])
                examples.append(Example(gold, view, seed=seed))
    group_examples(examples)
    return examples


def attach(view, raw):
    """Give a view the reader's opinions of it."""
    nodes = nodes_of(view)
    if len(nodes) != len(raw["labels"]):
        raise SystemExit(f"{view.reading.document.id}: the opinions are of other candidates; make the lessons anew.")
    roles, links = raw["roles"].astype("float32"), raw["links"].astype("float32")
    view.opinions = Opinions(
        places={id(node): n for n, node in enumerate(nodes)},
        columns=columns_of(view),
        roles=lambda rows, column: roles[rows, column],
        links=lambda rows, others: links[np.ix_(rows, others)],
        **{name: raw[name].astype("float32") for name in ("labels", "kinds", "statuses")},
    )


def group_examples(examples):
    """Give documents that tell a deal in common, and copies of one document, the same number."""
    root = {}

    def find(name):
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for e in examples:
        for deal in e.gold["deals"]:
            root[find(deal["deal_key"])] = find(e.gold["id"])
    order = {}
    for e in examples:
        e.group = order.setdefault(find(e.gold["id"]), len(order))


def predict(examples, weights):
    """The deals of each document in the form of annotations, with what speaks for each term (for calibrate.py)."""
    found = {}
    for e in examples:
        deals, told = assembly.find_deals(e.view, weights)
        rows = zip(deals, find_grounds(deals, told), strict=True)
        found[e.gold["id"]] = {"deals": [deal_row(deal) | {"grounds": grounds} for deal, grounds in rows]}
    return found


def cross_validate(examples, folds):
    """Predictions by seed for documents that the weights have not seen, nor any other document on one of their deals.

    Weights are fitted on documents and their first copies; ``SWAPPED`` copies are only ever predicted.
    """
    predicted = {None: {}, SWAPPED: {}}
    for fold in range(folds):
        weights, _ = fit_all([e for e in examples if e.group % folds != fold and e.seed != SWAPPED])
        for seed, found in predicted.items():
            found |= predict([e for e in examples if e.group % folds == fold and e.seed == seed], weights)
    return predicted


def report_folds(examples, predicted, *, only=("dev-", "train-")):
    """Print the figures of cross-validation: all, those of the evaluation, and the same under invented names."""
    for seed, found in predicted.items():
        gold = [e.gold for e in examples if e.seed == seed]
        name = "names swapped" if seed == SWAPPED else "as written"
        for title, chosen in (
            ("dev and train", [g for g in gold if g["id"].startswith(only)]),
            ("all", gold),
        ):
            if chosen:
                report(f"{title}, {name}", evaluate(chosen, {g["id"]: found[g["id"]] for g in chosen}))


def write(data, folder=WEIGHTS):
    """The weights, one file a model."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, model in data.items():
        rows = ",\n".join(
            f"{json.dumps(k, ensure_ascii=False)}: {json.dumps(v)}" for k, v in sorted(model["weights"].items())
        )
        head = "".join(f"{json.dumps(k)}: {json.dumps(model[k])},\n" for k in ("labels", "bias") if k in model)
        (folder / f"{name}.json").write_text("{" + head + '"weights": {\n' + rows + "\n}}\n", encoding="utf-8")


def main():
    """Cross-validate, measure on documents held out, or write the weights, as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parent / "documents"
    parser.add_argument("files", nargs="*", type=Path, default=sorted(here.glob("*.jsonl")))
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--held-out", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--opinions", nargs="+", type=Path, default=[], help="what the trained reader thinks of them")
    parser.add_argument("--predicted", type=Path, help="keep what cross-validation predicts")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    opinions = {key: value for path in args.opinions for key, value in pickle.loads(path.read_bytes()).items()}
    seeds = (None, *range(args.copies), *([SWAPPED] if args.folds else []))
    examples = read_examples(
        [path for path in args.files if path.stem not in args.held_out], seeds=seeds, opinions=opinions
    )
    if args.folds:
        predicted = cross_validate(examples, args.folds)
        report_folds(examples, predicted)
        if args.predicted:
            args.predicted.write_bytes(pickle.dumps(predicted))
    if args.held_out:
        weights, _ = fit_all([e for e in examples if e.seed != SWAPPED])
        for path in (path for path in args.files if path.stem in args.held_out):
            for name, seed in ((path.stem, None), (f"{path.stem}, names swapped", SWAPPED)):
                fresh = read_examples([path], seeds=(seed,), opinions=opinions)
                report(name, evaluate([e.gold for e in fresh], predict(fresh, weights)))
    if args.write:
        write(fit_all([e for e in examples if e.seed != SWAPPED])[1], WEIGHTS / READER if opinions else WEIGHTS)


def report(name, scores):
    """Print the figures of one set."""
    print(name, " ".join(f"{figure} {value:.3f}" for figure, value in scores.figures().items() if figure != "prices"))


if __name__ == "__main__":
    main()
