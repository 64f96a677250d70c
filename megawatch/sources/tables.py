"""The tables of the document store's index."""

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    published TEXT,
    source TEXT NOT NULL,
    publisher TEXT NOT NULL,
    url TEXT NOT NULL,
    retrieved_at TEXT,
    raw_hash TEXT NOT NULL,
    cleaner TEXT NOT NULL,
    group_id TEXT NOT NULL,
    signature BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_group ON documents (group_id);
CREATE TABLE IF NOT EXISTS bands (
    key INTEGER NOT NULL,
    document_seq INTEGER NOT NULL REFERENCES documents (seq),
    PRIMARY KEY (key, document_seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    view TEXT NOT NULL,
    url TEXT NOT NULL,
    position INTEGER NOT NULL,
    document_id TEXT NOT NULL REFERENCES documents (id),
    text_id TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    raw_hash TEXT NOT NULL,
    cleaner TEXT NOT NULL,
    UNIQUE (address, position)
);
CREATE INDEX IF NOT EXISTS versions_view ON versions (view);
CREATE INDEX IF NOT EXISTS versions_document ON versions (document_id);
CREATE TABLE IF NOT EXISTS fetches (
    seq INTEGER PRIMARY KEY,
    source_id TEXT NOT NULL,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    raw_hash TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fetches_url ON fetches (url);
CREATE TABLE IF NOT EXISTS items (
    source_id TEXT NOT NULL,
    key TEXT NOT NULL,
    document_id TEXT,
    first_seen TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    mark TEXT NOT NULL,
    etag TEXT NOT NULL,
    modified TEXT NOT NULL,
    raw_hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (source_id, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
    seq INTEGER PRIMARY KEY,
    source_id TEXT NOT NULL,
    publisher TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    items INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    fresh INTEGER NOT NULL,
    empty INTEGER NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_source ON runs (source_id, seq);
"""
