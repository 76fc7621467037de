-- Tables of the ledgers in one database file. An application may keep its own tables beside them.
-- Facts: ledger_bundle, ledger_tail, ledger_tile, ledger_checkpoint, ledger_anchor. The others are indexes over them,
-- all checked against the facts by a full check, and snapshots, which can be thrown away.

CREATE TABLE ledger_book (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL CHECK (size >= 1),
    vkey TEXT NOT NULL,
    recovery_vkey TEXT NOT NULL
) STRICT;

-- 256 entries each, as C2SP tlog-tiles serves them: reading a million entries is a few thousand rows.
CREATE TABLE ledger_bundle (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (ledger, number)
) STRICT;

-- The entries after the last whole bundle: an append writes its entries only, not the bundle so far.
CREATE TABLE ledger_tail (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    place INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (ledger, place)
) STRICT;

CREATE TABLE ledger_tile (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    UNIQUE (ledger, level, number)
) STRICT;

CREATE TABLE ledger_checkpoint (
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (ledger, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_stream (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    name TEXT NOT NULL,
    head INTEGER NOT NULL,
    count INTEGER NOT NULL,
    UNIQUE (ledger, name)
) STRICT;

CREATE TABLE ledger_position (
    stream INTEGER NOT NULL REFERENCES ledger_stream (id),
    place INTEGER NOT NULL,
    PRIMARY KEY (stream, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_command (
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    command TEXT NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (ledger, command)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX ledger_command_place ON ledger_command (ledger, first);

CREATE TABLE ledger_anchor (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    size INTEGER NOT NULL,
    kind TEXT NOT NULL,
    record BLOB NOT NULL,
    UNIQUE (ledger, size, kind, record)
) STRICT;

CREATE TABLE ledger_snapshot (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL REFERENCES ledger_book (id),
    rules INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (ledger, rules, size)
) STRICT;

-- Checkpoints of other installations' ledgers that were seen, and by which keys those ledgers are known.
CREATE TABLE ledger_foreign_key (
    origin TEXT NOT NULL,
    vkey TEXT NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (origin, vkey)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_foreign_checkpoint (
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (origin, size)
) STRICT, WITHOUT ROWID;

-- Two signed checkpoints that cannot both be true: evidence that is kept, never resolved here.
CREATE TABLE ledger_foreign_fork (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    seen TEXT NOT NULL,
    offered TEXT NOT NULL,
    reason TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT;

-- A guard against mistakes, not against a thief: what was written once stays.
CREATE TRIGGER ledger_bundle_stays BEFORE UPDATE ON ledger_bundle BEGIN SELECT raise(ABORT, 'entries never change'); END;
CREATE TRIGGER ledger_bundle_kept BEFORE DELETE ON ledger_bundle BEGIN SELECT raise(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER ledger_tail_stays BEFORE UPDATE ON ledger_tail BEGIN SELECT raise(ABORT, 'entries never change'); END;
CREATE TRIGGER ledger_checkpoint_stays BEFORE UPDATE ON ledger_checkpoint BEGIN SELECT raise(ABORT, 'checkpoints never change'); END;
CREATE TRIGGER ledger_checkpoint_kept BEFORE DELETE ON ledger_checkpoint BEGIN SELECT raise(ABORT, 'checkpoints are never deleted'); END;
CREATE TRIGGER ledger_anchor_stays BEFORE UPDATE ON ledger_anchor BEGIN SELECT raise(ABORT, 'anchors never change'); END;
CREATE TRIGGER ledger_anchor_kept BEFORE DELETE ON ledger_anchor BEGIN SELECT raise(ABORT, 'anchors are never deleted'); END;
