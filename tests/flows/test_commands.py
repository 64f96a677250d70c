"""The command line as people and programs use it: what it prints, and with which code it ends."""

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest

from flows import cli

DEAL = (
    "Halyard Compute will rent 8,192 GB200 GPUs to Ostrea Labs for four years, the cloud company said on Tuesday. "
    "Ostrea will pay $22 million a month. The machines will stand in Lubbock, Texas."
)


class Ended:
    """How a command ended: its exit code, and what it wrote to either stream."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Call = Callable[..., Ended]


@pytest.fixture
def megawatch(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    def call(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["megawatch", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as left:
            code = int(left.code or 0)
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    return call


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("frobnicate",), "No such command"),
        (("deals", "--kind", "leese"), "--kind 'leese' is not one of compute, lease"),
        (("deals", "--csv", "--json"), "Give only one of --csv, --json and --parquet."),
        (("deals",), "There is no ledger at"),
        (("run", "--input", "nowhere"), "nowhere: there is no such file or folder."),
        (("run", "--input", ".", "--published", "June"), "'June' is not a day; write it as 2026-05-14."),
        (("brief", "--week", "2026-99"), "'2026-99' is no week; write it as 2026-W21."),
        (("ingest", "--only", "nobody"), "There is no enabled source 'nobody'"),
        (("sources", "check", "nobody"), "There is no source 'nobody'"),
        (("sources", "add", "https://x.example", "--kind", "gossip"), "--kind 'gossip' is not one of filing"),
        (("extract", "a.txt", "--jsonl", "b.jsonl"), "Give a file or --jsonl, not both."),
        (("extract", "--jsonl", "missing.jsonl"), "missing.jsonl cannot be read"),
        (("subscribers", "add", "nobody"), "'nobody' is no mail address"),
        (("subscribers", "add", "a@b.example", "--min-mw", "many"), "minimum_mw 'many' is not a number."),
        (("subscribers", "add", "a@b.example", "--timezone", "Mars"), "timezone 'Mars' is unknown"),
        (("subscribers", "import", "missing.csv"), "missing.csv cannot be read as CSV"),
        (("schedule", "--cron", "every monday"), "--cron 'every monday' is not five cron fields"),
        (("schedule", "--timezone", "Mars/Olympus"), "--timezone 'Mars/Olympus' is unknown"),
        (("backup", "b.tar.gz"), "There is no ledger at"),
        (("restore", "b.tar.gz"), "b.tar.gz is no backup that can be read"),
        (("web",), "Set unsubscribe_secret to at least 16 characters"),
        (("send", "--to", "a@b.example"), "Mail needs the setting smtp_host"),
        (("--config", "missing.toml", "config"), "missing.toml cannot be read as TOML"),
    ],
)
def test_wrong_use_ends_with_two_and_one_clear_line(
    megawatch: Call, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setenv("MEGAWATCH_CONFIG", "")
    ended = megawatch(*arguments)
    assert ended.code == 2
    assert message in ended.err.replace("\n", " ")
    assert "Traceback" not in ended.err


def test_config_masks_secrets_and_says_where_values_come_from(megawatch: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEGAWATCH_SMTP_PASSWORD", "correct horse")
    rows = {row["name"]: row for row in json.loads(megawatch("config", "--json").out)}
    assert rows["smtp_password"]["value"] == "********"
    assert rows["smtp_password"]["origin"] == "MEGAWATCH_SMTP_PASSWORD"
    assert rows["smtp_port"] | {"text": ""} == {"name": "smtp_port", "value": "587", "origin": "default", "text": ""}
    assert "correct horse" not in megawatch("config").out


def test_readers_are_added_listed_imported_and_removed(megawatch: Call, tmp_path: Path) -> None:
    assert "gets the brief now" in megawatch("subscribers", "add", "desk@example.com", "--company", "nebius").out
    assert "was subscribed already" in megawatch("subscribers", "add", "Desk@example.com").out
    table = tmp_path / "readers.csv"
    table.write_text("address,companies,minimum_mw\nb@example.com,coreweave;iren,50\nnobody,,\n", "utf-8")
    ended = megawatch("subscribers", "import", str(table))
    assert (ended.code, ended.out.strip()) == (1, "1 of 1 added.")
    assert f"{table}:3: 'nobody' is no mail address" in ended.err
    found = json.loads(megawatch("subscribers", "list", "--json").out)
    assert [(one["address"], one["companies"], one["minimum_mw"]) for one in found] == [
        ("b@example.com", ["coreweave", "iren"], 50),
        ("desk@example.com", ["nebius"], None),
    ]
    assert "no more briefs" in megawatch("subscribers", "remove", "desk@example.com").out
    assert megawatch("subscribers", "remove", "desk@example.com").code == 2
    ended = megawatch("send", "--dry-run", "--json")
    assert json.loads(ended.out) == [{"address": "b@example.com", "gets": "coreweave and iren, from 50\u00a0MW"}]


def test_own_sources_stand_over_the_bundled_ones(
    megawatch: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "desk.toml").write_text(
        'publisher = "Desk"\naddress = "/tmp"\nkind = "folder"\nauthority = "news"\ncadence = "daily"\n'
        'terms = ""\nchecked = false\n[expected]\nmin = 0\nmax = 20\n',
        "utf-8",
    )
    monkeypatch.setenv("MEGAWATCH_SOURCES", str(tmp_path / "own"))
    both = {one["id"] for one in json.loads(megawatch("sources", "list", "--json").out)}
    assert "desk" in both
    assert len(both) > 60
    monkeypatch.setenv("MEGAWATCH_CATALOG", "none")
    assert [one["id"] for one in json.loads(megawatch("sources", "list", "--json").out)] == ["desk"]
    assert json.loads(megawatch("sources", "check", "--json").out)[0]["outcome"] == "ok"


def test_extract_reads_lines_and_names_the_broken_one(megawatch: Call, tmp_path: Path) -> None:
    lines = tmp_path / "in.jsonl"
    lines.write_text(json.dumps({"id": "one", "title": "Halyard rents", "text": DEAL}) + "\n{broken\n", "utf-8")
    ended = megawatch("extract", "--jsonl", str(lines), "--reader", "grammar")
    assert ended.code == 1
    assert "Line 2 is not JSON" in ended.err
    [found] = [json.loads(line) for line in ended.out.splitlines()]
    [deal] = found["deals"]
    assert (found["id"], deal["kind"], deal["gpu_count"], deal["monthly_payment_usd"]) == ("one", "compute", 8192, 22e6)
    quote = deal["evidence"]["gpu_count"]
    assert DEAL[quote["start"] : quote["end"]] == quote["quote"]


def test_extract_shows_a_file_in_colour(megawatch: Call, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(f"Halyard rents out chips again\n\n{DEAL}\n", "utf-8")
    ended = megawatch("extract", str(tmp_path / "note.txt"), "--show")
    assert ended.code == 0
    assert "8,192 GB200 GPUs" in ended.out
    assert "monthly_payment_usd" in ended.out


def test_clusters_of_given_deals_are_told_line_by_line(megawatch: Call, tmp_path: Path) -> None:
    deal = {"kind": "lease", "supplier": ["Fenwick Ridge"], "customer": ["Halyard"], "status": "signed", "power_mw": 60}
    rows = [{"id": name, "published": f"2026-05-0{n}", "deals": [deal]} for n, name in enumerate("ab", start=1)]
    path = tmp_path / "found.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    [line] = megawatch("cluster", "--jsonl", str(path)).out.splitlines()
    assert json.loads(line)["mentions"] == [{"id": "a", "deal": 0}, {"id": "b", "deal": 0}]


@pytest.mark.usefixtures("use_bundled")
def test_a_query_answers_as_table_csv_json_and_parquet(megawatch: Call, tmp_path: Path) -> None:
    sql = "select supplier, customer, monthly_payment_usd from deals where supplier = 'SpaceX'"
    assert "1,250,000,000" in megawatch("query", sql).out
    [row] = csv.DictReader(io.StringIO(megawatch("query", sql, "--csv").out))
    assert (row["customer"], float(row["monthly_payment_usd"])) == ("Anthropic", 1.25e9)
    [row] = json.loads(megawatch("query", sql, "--json").out)
    assert row == {"supplier": "SpaceX", "customer": "Anthropic", "monthly_payment_usd": 1.25e9}
    assert megawatch("query", sql, "--parquet", str(tmp_path / "out.parquet")).code == 0
    table = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert table.to_pylist() == [row]
    assert megawatch("query", "delete from deal_rows").code == 1
    assert "'=1+1" in megawatch("query", "select '=1+1' as cell", "--csv").out


@pytest.mark.usefixtures("use_bundled")
def test_deals_are_filtered_and_asked_as_of_a_day(megawatch: Call) -> None:
    found = json.loads(megawatch("deals", "--kind", "lease", "--min-mw", "100", "--json").out)
    assert {(one["supplier"], one["power_mw"]) for one in found} == {("Hut 8", 352), ("Applied Digital", 300)}
    then = json.loads(megawatch("deals", "--customer", "anthropic", "--as-of", "2026-05-10", "--json").out)
    assert [(one["gpu_count"], one["monthly_payment_usd"]) for one in then] == [(220000, None)]


@pytest.mark.usefixtures("use_bundled")
def test_a_figure_is_explained_back_to_its_sentences(megawatch: Call) -> None:
    ended = megawatch("explain", "spacex anthropic", "implied_usd_per_gpu_hour")
    assert ended.code == 0
    assert "implied_usd_per_gpu_hour = 7.7833" in ended.out
    assert "a fee of $1.25 billion per month" in ended.out
    assert "more than 220,000 Nvidia GPUs" in ended.out
    assert "sha256" in ended.out
    assert megawatch("explain", "nobody").code == 1
    assert "deals fit 'compute'" in megawatch("explain", "compute").err


@pytest.mark.usefixtures("use_bundled")
def test_every_value_and_quote_of_the_bundled_ledger_is_verified(megawatch: Call) -> None:
    ended = megawatch("verify", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["documents"], told["faults"]) == (0, 43, [])


def test_a_backup_is_put_back_into_an_empty_home(
    megawatch: Call, bundled_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    archive = str(tmp_path / "b.tar.gz")
    assert megawatch("--home", str(bundled_home), "backup", archive).code == 0
    assert megawatch("--home", str(tmp_path / "again"), "restore", archive).code == 0
    assert json.loads(megawatch("--home", str(tmp_path / "again"), "verify", "--json").out)["faults"] == []
    page = tmp_path / "again" / "briefs" / "2026-W21" / "brief.html"
    assert page.read_bytes() == (bundled_home / "briefs" / "2026-W21" / "brief.html").read_bytes()
    ended = megawatch("--home", str(tmp_path / "again"), "restore", archive)
    assert (ended.code, "is there already: move it away first" in ended.err) == (2, True)


def test_doctor_says_what_is_amiss_and_what_to_do(megawatch: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEGAWATCH_CATALOG", "none")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    ended = megawatch("doctor", "--json")
    found = {one["what"]: one for one in json.loads(ended.out)}
    assert ended.code == 1
    assert {what for what, one in found.items() if one["state"] == "amiss"} == {"prefect", "sources", "runs"}
    assert "start it, or unset PREFECT_API_URL" in found["prefect"]["detail"]
    assert "`megawatch sources add` one" in found["sources"]["detail"]
    assert "is `megawatch schedule`, or a worker, running?" in found["runs"]["detail"]
