"""Killed at random moments while ingesting, then run again: the same documents, once each."""

import sqlite3
from pathlib import Path

from killing import killed_at

from megawatch.sources.store import DocumentStore


def test_killed_at_random_moments_the_store_ends_as_if_it_never_was(tmp_path: Path) -> None:
    count = 40
    hit, texts, whole = killed_at(6, count, tmp_path, seed=5)
    assert hit >= 2
    assert sorted(texts) == sorted(whole)
    assert len(texts) == len(set(texts)) == count
    with DocumentStore(tmp_path) as store:
        assert all(len(store.versions(document.url)) == 1 for document in store.documents())
        hashes = {version.raw_hash for document in store.documents() for version in store.versions(document.url)}
        assert all(store.raw(raw_hash).startswith(b"<html>") for raw_hash in hashes)
    with sqlite3.connect(tmp_path / "store.sqlite3") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
