"""How each kind of source is read: from its list to its entries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from megawatch.errors import SourceError
from megawatch.market import Document, content_id
from megawatch.sources.addresses import address_key
from megawatch.sources.edgar import (
    Filing,
    FilingDocument,
    daily_address,
    index_address,
    primary_document,
    read_daily_index,
    read_index,
    read_submissions,
)
from megawatch.sources.feeds import FeedItem, read_feed
from megawatch.sources.folders import read_folder
from megawatch.sources.journal import Seen
from megawatch.sources.mailboxes import CLEANER as MAIL_CLEANER
from megawatch.sources.mailboxes import read_mailbox
from megawatch.sources.newsrooms import read_links
from megawatch.sources.pages import Entry
from megawatch.sources.refusals import Refusal
from megawatch.sources.visit import ListError, Reader, Visit

INDEX_DAYS = 5


def read_feed_source(visit: Visit) -> None:
    """Read a feed and the pages it links to."""
    spec = visit.spec
    got = visit.fetch_list(spec.address)
    if got is None:
        return
    try:
        feed = read_feed(got.body, url=got.final_url, content_type=got.headers.get("content-type", ""))
    except SourceError as error:
        raise ListError("not_a_feed", str(error)) from error
    wanted = [item for item in feed.items if re.search(spec.title_pattern, item.title)]
    if len(wanted) > spec.max_items:  # not every feed has its newest first
        wanted.sort(key=lambda item: item.instant or "", reverse=True)
    for item in reversed(wanted[: spec.max_items]):
        visit.take(_feed_entry(item, visit))
    visit.keep_list(spec.address, got)


def _feed_entry(item: FeedItem, visit: Visit) -> Entry:
    url = item.url or f"{visit.spec.address}#{content_id(item.id)}"
    return Entry(
        key=address_key(item.url) if item.url else item.id,
        url=url,
        title=item.title,
        published=item.published,
        text=item.text or item.title,
        mark=item.mark,
        follow=visit.spec.follow and bool(item.url),
    )


def read_newsroom(visit: Visit) -> None:
    """Read a list page and the pages it links to."""
    spec = visit.spec
    got = visit.fetch_list(spec.address)
    if got is None:
        return
    try:
        links = read_links(
            got.body,
            url=got.final_url,
            pattern=spec.link_pattern,
            content_type=got.headers.get("content-type", ""),
        )
    except SourceError as error:
        raise ListError("layout_break", str(error)) from error
    wanted = [link for link in links if re.search(spec.title_pattern, link.title)]
    for link in reversed(wanted[: spec.max_items]):
        visit.take(Entry(key=address_key(link.url), url=link.url, title=link.title))
    visit.keep_list(spec.address, got)


def read_page(visit: Visit) -> None:
    """Read one page that is written anew from time to time, such as a price list."""
    visit.take(Entry(key=address_key(visit.spec.address), url=visit.spec.address))


def read_edgar(visit: Visit) -> None:
    """Read the newest filings of one company and their exhibits."""
    spec = visit.spec
    got = visit.fetch_list(spec.address)
    if got is None:
        return
    try:
        filings = read_submissions(got.body, spec)
    except SourceError as error:
        raise ListError("not_readable", str(error)) from error
    _take_filings(visit, filings[: spec.max_items])
    visit.keep_list(spec.address, got)


def read_edgar_index(visit: Visit) -> None:
    """Read the filings of companies that are not in the catalog, from the daily indexes of the last days."""
    today = visit.now.date()
    for back in range(INDEX_DAYS, 0, -1):
        _read_day(visit, today - timedelta(days=back))


def _read_day(visit: Visit, day: date) -> None:
    address = daily_address(visit.spec, day)
    if day.weekday() >= 5 or visit.store.journal.seen(visit.spec.id, address):
        return
    got = visit.fetch(address)
    if got.outcome in ("not_found", "forbidden"):  # what the SEC answers for holidays
        return
    if not got.ok:
        raise ListError(got.outcome, f"{address}: {got.detail or got.outcome}")
    _take_filings(visit, read_daily_index(got.body, visit.spec)[: visit.spec.max_items])
    visit.keep_list(address, got)


def _take_filings(visit: Visit, filings: Iterable[Filing]) -> None:
    for filing in sorted(filings, key=lambda filing: (filing.filed, filing.accession)):
        known = visit.store.journal.seen(visit.spec.id, filing.accession)
        if known and known.outcome == "ok":
            continue
        before = visit.unfinished
        for document in _documents_of(visit, filing):
            visit.take(_filing_entry(document))
        if visit.unfinished == before:
            moment = visit.moment
            done = Seen(key=filing.accession, first_seen=moment, checked_at=moment, outcome="ok")
            visit.store.journal.save_seen(visit.spec.id, done)


def _documents_of(visit: Visit, filing: Filing) -> list[FilingDocument]:
    address = index_address(filing, visit.spec.archive)
    got = visit.fetch(address)
    try:
        if got.ok:
            return read_index(got.body, filing, visit.spec.archive)
        reason = f"{address}: {got.detail or got.outcome}"
    except SourceError as error:
        reason = str(error)
    if got.transient:
        visit.items += 1
        visit.fail(got.outcome, address, reason, again=True)
        return []
    documents = primary_document(filing, visit.spec.archive)
    if not documents:
        visit.items += 1
        visit.fail("no_documents", address, reason, again=False)
    return documents


def _filing_entry(document: FilingDocument) -> Entry:
    return Entry(
        key=address_key(document.url),
        url=document.url,
        title=document.title,
        published=document.filing.filed or None,
        source=document.source,
        form=document.kind,
    )


def read_folder_source(visit: Visit) -> None:
    """Read the files of a local folder."""
    path = Path(visit.spec.address).expanduser()
    if not path.exists():
        raise ListError("not_found", f"{path}: there is no such folder; make it or correct the address.")
    for found in read_folder(path, source=visit.spec.authority):
        _keep_found(visit, found, b"", "folders-1")


def read_mailbox_source(visit: Visit) -> None:
    """Read the messages of a mailbox."""
    path = Path(visit.spec.address).expanduser()
    if not path.exists():
        raise ListError("not_found", f"{path}: there is no such mailbox; make it or correct the address.")
    for found in read_mailbox(path, source=visit.spec.authority):
        if isinstance(found, Refusal):
            _keep_found(visit, found, b"", "")
        else:
            _keep_found(visit, found[2], found[1], MAIL_CLEANER)


def _keep_found(visit: Visit, found: Document | Refusal, raw: bytes, cleaner: str) -> None:
    visit.items += 1
    if isinstance(found, Refusal):
        visit.fail("refused", found.where, found.reason, again=False)
        return
    named = replace(found, publisher=found.publisher or visit.spec.publisher, retrieved_at=visit.moment)
    stored = visit.store.put(named, raw=raw, cleaner=cleaner)
    if stored.outcome in ("new", "version"):
        visit.fresh += 1
        visit.ids[stored.document_id] = None


READERS: dict[str, Reader] = {
    "feed": read_feed_source,
    "newsroom": read_newsroom,
    "page": read_page,
    "edgar": read_edgar,
    "edgar_index": read_edgar_index,
    "folder": read_folder_source,
    "mailbox": read_mailbox_source,
}
