"""The archive: a permanent address for each edition and each deal, an index, and an Atom feed (RFC 4287)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from megawatch.briefs.charts import draw_chart
from megawatch.briefs.check import check_page
from megawatch.briefs.editions import write_whole
from megawatch.briefs.reader import LedgerReader
from megawatch.briefs.render import fill, render_page
from megawatch.briefs.rows.deal_page import DealPage, build_deal_page
from megawatch.briefs.rows.deals import anchor_of
from megawatch.briefs.view import Brief
from megawatch.errors import BriefError
from megawatch.ledger.queries import Ledger


def write_archive(brief: Brief, folder: Path, *, ledger: LedgerReader | Ledger, base_url: str = "") -> tuple[Path, ...]:
    """Add an edition to the archive with a page for each deal it tells of; the paths written, the edition's first.

    Index and feed are written anew from all editions in the folder. Raises BriefError where a page prints what no row
    holds, or a record of an earlier edition cannot be read.
    """
    images = tuple(draw_chart(chart) for chart in (brief.rate_chart, brief.lease_chart) if chart)
    page = render_page(brief, images, base_url=base_url, deals="../deals/", home="../index.html")
    check_page(page, brief)
    editions = folder / "editions"
    written = [write_whole(editions / f"{brief.edition}.html", page.encode())]
    written.append(write_whole(editions / f"{brief.edition}.json", _record(brief).encode()))
    records = _read_records(editions)
    newest = max(record["day"] for record in records)
    for deal_id in brief.deal_ids:
        path = folder / "deals" / f"{anchor_of(deal_id)}.html"
        # An older edition written again must not take a deal's page back to what was known then.
        if path.exists() and brief.as_of[:10] < newest:
            continue
        found = build_deal_page(ledger, deal_id, as_of=brief.as_of)
        if found is not None:
            html = render_deal(found)
            check_page(html, found)
            written.append(write_whole(path, html.encode()))
    context = {"editions": records, "base": base_url.rstrip("/"), **_feed_names(records, base_url)}
    written.append(write_whole(folder / "index.html", fill("archive.html.j2", context).encode()))
    written.append(write_whole(folder / "feed.xml", fill("feed.xml.j2", context).encode()))
    return tuple(written)


def render_deal(page: DealPage) -> str:
    """A deal's own page."""
    context = {
        "deal": page.deal,
        "name": page.name,
        "known": page.known,
        "clashes": page.clashes,
        "notes": page.notes,
        "linked": True,
    }
    return fill("deal.html.j2", context)


def _record(brief: Brief) -> str:
    record = {
        "edition": brief.edition,
        "week": brief.week,
        "title": f"{brief.title}: {brief.only}" if brief.only else str(brief.title),
        "days": str(brief.days),
        "day": brief.as_of[:10],
        "findings": [str(finding.sentence) for finding in brief.findings] or [str(brief.coverage)],
    }
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _read_records(editions: Path) -> list[dict[str, Any]]:
    records = []
    for path in editions.glob("*.json"):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            records.append({name: record[name] for name in ("edition", "week", "title", "days", "day", "findings")})
        except (ValueError, KeyError, TypeError) as error:
            raise BriefError(
                f"The record {path.name} of the archive cannot be read: write that edition again."
            ) from error
    return sorted(records, key=lambda record: (record["week"], record["edition"]), reverse=True)


def _feed_names(records: list[dict[str, Any]], base_url: str) -> dict[str, str]:
    host = urlsplit(base_url).hostname or "megawatch.example"
    updated = max((record["day"] for record in records), default="1970-01-01")
    return {"feed_id": f"tag:{host},2026:brief", "updated": f"{updated}T06:00:00Z"}
