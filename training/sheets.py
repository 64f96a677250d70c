"""Annotated documents as lessons for the reader: python training/sheets.py FILES... --out FILE [--seeds 0 -1]."""

from __future__ import annotations

import argparse
import pickle
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from fit import read_examples
from teach import build_lesson
from tokenizers import Tokenizer

from extractors.reader.nodes import build_sheet

TOKENIZER = Path(__file__).resolve().parent.parent / "extractors" / "reader" / "model" / "tokenizer.json"


def main():
    """Write the lessons of the documents in the files, each also under invented names where copies are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, -1], help="each makes a copy under invented names")
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    lessons = []
    for example in read_examples(options.files, seeds=(None, *options.seeds)):
        sheet = build_sheet(example.view, tokenizer)
        lesson = build_lesson(example.view, example.gold, sheet, group=example.group, seed=example.seed)
        sheet.places = {}
        lessons.append(lesson)
    Path(options.out).write_bytes(pickle.dumps(lessons))
    print(len(lessons), "lessons,", sum(len(one.labels) for one in lessons), "candidates")


if __name__ == "__main__":
    main()
