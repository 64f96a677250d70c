"""The accelerator lexicon keeps its own examples, and refuses broken lines."""

from pathlib import Path

import pytest

from extractors.quantities.models import find_models
from megawatch.errors import LexiconError
from megawatch.lexicons.accelerators import Accelerator, accelerator_index, read_accelerators


def named(text: str) -> set[str]:
    return {mention.gpu_model for mention in find_models(text, part="text")}


@pytest.mark.parametrize("entry", read_accelerators(), ids=lambda entry: entry.model)
def test_examples_and_counter_examples(entry: Accelerator) -> None:
    assert entry.examples
    for text in entry.examples:
        assert named(text) == {entry.model}, text
    for text in entry.not_examples:
        assert entry.model not in named(text), text


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("H100 SXM5 and H100 PCIe cards", {"H100"}),
        ("HGX B200 systems", {"B200"}),
        ("Nvidia's Blackwell chips", {"Blackwell"}),
        ("TPUv7 and Ironwood pods", {"TPU v7"}),
        ("trainium-2 chips", {"Trainium2"}),
        ("AMD Instinct MI355X", {"MI355X"}),
        ("Robert Rubin spoke of Maia Novak's ascent", set()),
        ("Elizabeth Blackwell studied medicine", set()),
        ("It cost $200 on the A40 near B2000", set()),
    ],
)
def test_names_as_texts_write_them(text: str, models: set[str]) -> None:
    assert named(text) == models


def test_every_name_leads_to_one_entry() -> None:
    assert accelerator_index()["ironwood"].model == "TPU v7"
    assert accelerator_index()["h100"].maker == "NVIDIA"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not a JSON object"),
        ('{"model": "X1"}', "lacks maker, kind"),
        (
            '{"model":"X1","maker":"M","kind":"gpu","aliases":["x1"],"examples":[],"not_examples":[],"colour":1}',
            "colour",
        ),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "accelerators.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=rf"accelerators\.jsonl:1: .*{message}"):
        read_accelerators(path)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    line = '{"model":"X1","maker":"M","kind":"gpu","aliases":[],"examples":["X1"],"not_examples":[]}\n'
    path = tmp_path / "accelerators.jsonl"
    path.write_text(line * 2, encoding="utf-8")
    with pytest.raises(LexiconError, match="stand twice"):
        read_accelerators(path)
