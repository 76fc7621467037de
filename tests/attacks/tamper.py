"""Somebody with the machine changes ledger or vault behind the product's back: checks name it, figures never follow it.

Every attack begins with a company that checks well and ends with the answer to one question: does it show?
"""
import hashlib
import os
import shutil
import sqlite3

from harness import (
    CORRUPT, DONE, FAILED, REFUSED, all_well, attack, facts, figures, is_sound, ledger, must, says, side_by_side, tickmark,
    vault,
)  # fmt: skip

TRIGGERS = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"


def change(company, *statements):
    """Changes the ledger's database as its administrator can: the triggers that guard it against mistakes go first."""
    database = sqlite3.connect(company / "ledger.db")
    with database:
        for (trigger,) in database.execute(TRIGGERS).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        for statement, *values in statements:
            database.execute(statement, values)
    database.close()


def read(company, query, *values):
    database = sqlite3.connect(f"file:{company}/ledger.db?mode=ro", uri=True)
    try:
        return database.execute(query, values).fetchall()
    finally:
        database.close()


def shows(company, *words):
    """`ledger check` says corrupt, and what."""
    says(ledger(company, "check", ok=CORRUPT), *words)


def untouched(companies):
    """The company checks well, so that whatever a check says comes from the attack."""
    with companies.copy() as company:
        is_sound(company)
        return facts(company), figures(company)


@attack("one flipped bit anywhere in the ledger's file is named, or changes no fact and no figure")
def bits_of_the_ledger(companies):
    right_facts, right_figures = untouched(companies)
    whole = (companies.demo / "ledger.db").read_bytes()
    random = companies.random("bits of the ledger")
    bits = sorted(random.sample(range(len(whole) * 8), companies.options.flips))
    met = {"named": 0, "refused to open": 0, "harmless": 0}

    def one(bit):
        with companies.copy(without=("packages", "truth", "systems", "firm")) as company:
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            (company / "ledger.db").write_bytes(flipped)
            checked = ledger(company, "check")
            if checked.code == DONE:
                met["harmless"] += 1
                must(facts(company) == right_facts, "the ledger checks well with other facts")
                must(figures(company) == right_figures, "the ledger checks well with other figures")
                return
            met["named" if checked.code == CORRUPT else "refused to open"] += 1
            must(checked.err.strip(), lambda: f"nothing was said: {checked}")
            must(checked.code in (CORRUPT, FAILED), lambda: str(checked))

    all_well(side_by_side(one, bits))
    must(met["named"] > 0, f"no check ever named anything: {met}")
    return ", ".join(f"{count} {what}" for what, count in met.items())


@attack("200 flipped bits in the words of entries, one at a time: each is damage, none is told as an unknown event")
def bits_of_entries(companies):
    random = companies.random("bits of entries")
    kept = [("ledger_bundle", "number", *row) for row in read(companies.demo, "SELECT number, bytes FROM ledger_bundle")]
    kept += [("ledger_tail", "place", *row) for row in read(companies.demo, "SELECT place, bytes FROM ledger_tail")]
    # By length, so that every bit of every entry is as likely as any other.
    chosen = random.choices(kept, weights=[len(row[3]) for row in kept], k=200)
    chosen = [(*row, random.randrange(len(row[3]) * 8)) for row in chosen]

    def one(flip):
        table, column, place, held, bit = flip
        flipped = bytearray(held)
        flipped[bit // 8] ^= 1 << bit % 8
        with companies.copy(without=("packages", "truth", "systems", "firm")) as company:
            change(company, (f"UPDATE {table} SET bytes = ? WHERE {column} = ?", bytes(flipped), place))
            ledger(company, "check", ok=CORRUPT)
            # A command that only reads says the same.
            ledger(company, "show", "0", "--limit", "1000000", ok=CORRUPT)

    all_well(side_by_side(one, chosen))
    return f"{len(chosen)} bits in {len(kept)} places"


@attack("a flipped bit in the ledger's file ends with the exit code for what is corrupt")
def bits_end_as_corrupt(companies):
    whole = (companies.demo / "ledger.db").read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    # The type of a tree's page, where a damaged medium is seen by the database itself; other pages have none.
    trees = [page for page in range(1, len(whole) // size) if whole[page * size] in (2, 5, 10, 13)]
    pages = companies.random("types of pages").sample(trees, 8)

    right_facts = facts(companies.demo)
    named = []

    def one(page):
        with companies.copy(without=("packages", "truth", "systems", "firm")) as company:
            flipped = bytearray(whole)
            flipped[page * size] ^= 0x40
            (company / "ledger.db").write_bytes(flipped)
            checked = ledger(company, "check")
            if checked.code == DONE:
                # A page that was let go of keeps the look of a tree's, and carries no fact.
                must(facts(company) == right_facts, "the ledger checks well with other facts")
                return
            must(checked.code == CORRUPT, lambda: str(checked))
            named.append(page)

    all_well(side_by_side(one, pages))
    must(len(named) > len(pages) / 2, f"only {len(named)} of {len(pages)} were named")
    return f"{len(named)} of {len(pages)} named, the others carry no fact"


def objects(company):
    return sorted(path for path in company.glob("vault/*/objects/*/*") if path.is_file())


@attack("one flipped bit in any object of the vault is found, and the object is named")
def bits_of_the_vault(companies):
    random = companies.random("bits of the vault")
    names = [path.relative_to(companies.demo) for path in objects(companies.demo)]
    sealed = [name for name in names if name.suffix]
    plain = [name for name in names if not name.suffix]
    must(sealed and plain, "the vault holds one kind of object only")

    def one(name):
        with companies.copy(without=("packages", "truth", "systems", "firm")) as company:
            changed = bytearray((company / name).read_bytes())
            must(changed, f"{name} is empty")
            bit = random.randrange(len(changed) * 8)
            changed[bit // 8] ^= 1 << bit % 8
            (company / name).write_bytes(changed)
            says(vault(company, "check", ok=CORRUPT), name.name.partition(".")[0])

    chosen = random.sample(sealed, min(20, len(sealed))) + random.sample(plain, min(20, len(plain)))
    all_well(side_by_side(one, chosen))
    return f"{len(chosen)} of {len(names)} objects"


@attack("all objects damaged at once: the check still says corrupt, and names one")
def every_object(companies):
    with companies.copy() as company:
        for path in objects(company):
            path.write_bytes(path.read_bytes()[:-1] + b"\xff\xfe")
        checked = vault(company, "check", ok=CORRUPT)
        names = {path.name.partition(".")[0] for path in objects(company)}
        must(any(name in checked.out + checked.err for name in names), lambda: f"no object is named: {checked}")


def cut_short(company, by, *more):
    """Takes the last entries away, and what is named besides."""
    (size,) = read(company, "SELECT size FROM ledger_book")[0]
    left = size - by
    change(company, ("DELETE FROM ledger_tail WHERE place >= ?", left), *((statement, left) for statement in more))
    return left


@attack("the ledger's last entries deleted: named")
def entries_cut_off(companies):
    with companies.copy() as company:
        cut_short(company, 3)
        shows(company, "expected", "found")


@attack("the ledger's last entries deleted, the book's size set to what is left: named")
def entries_cut_off_with_size(companies):
    with companies.copy() as company:
        cut_short(company, 3, "UPDATE ledger_book SET size = ?")
        shows(company, "expected", "found")


# All that names the entries that are gone; the newest checkpoint left is then of a size that the ledger really had.
EVERYTHING_AFTER = (
    "DELETE FROM ledger_checkpoint WHERE size > ?",
    "DELETE FROM ledger_command WHERE first >= ?",
    "DELETE FROM ledger_position WHERE place >= ?",
    "DELETE FROM ledger_snapshot WHERE size > ?",
    "UPDATE ledger_book SET size = ?",
)


def cut_back_to(company, size):
    """Makes the ledger what it was at an earlier checkpoint: entries, checkpoints, indexes and tiles."""
    (note,) = read(company, "SELECT note FROM ledger_checkpoint WHERE size = ?", size)[0]
    must(note, "there is no checkpoint of that size")
    (tile,) = read(company, "SELECT hashes FROM ledger_tile WHERE level = 0 AND number = 0")[0]
    (book,) = read(company, "SELECT id FROM ledger_book")[0]
    change(
        company,
        ("DELETE FROM ledger_tail WHERE place >= ?", size),
        *((statement, size) for statement in EVERYTHING_AFTER),
        ("UPDATE ledger_tile SET hashes = ? WHERE level = 0 AND number = 0", tile[: 32 * size]),
        ("UPDATE ledger_stream SET head = (SELECT max(place) FROM ledger_position WHERE stream = id), "
         "count = (SELECT count(*) FROM ledger_position WHERE stream = id)",),
        ("DELETE FROM ledger_stream WHERE count = 0",),
    )  # fmt: skip
    return book


@attack("the ledger cut back cleanly to before what an outside holder saw: the anchor does not fit")
def cut_back_behind_the_anchor(companies):
    with companies.copy() as company:
        (anchored,) = read(company, "SELECT max(size) FROM ledger_anchor")[0]
        sizes = [size for (size,) in read(company, "SELECT size FROM ledger_checkpoint ORDER BY size") if size < anchored]
        cut_back_to(company, sizes[-1])
        shows(company, "anchor")


@attack("the ledger cut back cleanly to after the newest anchor: only what left the house shows it (threat model)")
def cut_back_to_the_anchor(companies):
    with companies.copy() as company:
        (anchored,) = read(company, "SELECT max(size) FROM ledger_anchor")[0]
        before = facts(company)
        cut_back_to(company, anchored)
        # Nothing inside the house can know better; what must not happen is that it looks like more than it is.
        ledger(company, "check", ok=DONE)
        must(facts(company) == before[:anchored], "what is left is not what was recorded")
        package = companies.demo / "packages" / "soc1-report.zip"
        head = tickmark("--format", "json", "ledger", "--dir", company, "head", ok=DONE).json()
        verified = tickmark("--format", "json", "verify", package, ok=DONE).json()
        must(verified["ledger"]["size"] > head["size"], "the package that left the house does not show the longer ledger")


@attack("an entry changed by SQL: named with its index")
def entry_changed(companies):
    with companies.copy() as company:
        place, entry = companies.random("entry").choice(read(company, "SELECT place, bytes FROM ledger_tail"))
        digit = next(at for at in range(len(entry) - 2, 0, -1) if entry[at : at + 1].isdigit())
        other = b"%d" % ((int(entry[digit : digit + 1]) + 1) % 10)
        change(company, ("UPDATE ledger_tail SET bytes = ? WHERE place = ?", entry[:digit] + other + entry[digit + 1 :], place))
        shows(company, str(place))


@attack("the rows of an extract changed in the entry, and its leaf hash in the tile: the checkpoint does not fit")
def entry_and_tile_changed(companies):
    with companies.copy() as company:
        place, entry = next(row for row in read(company, "SELECT place, bytes FROM ledger_tail") if b'"rows":' in row[1])
        changed = entry.replace(b'"rows":', b'"rows":9', 1)
        (tile,) = read(company, "SELECT hashes FROM ledger_tile WHERE level = 0 AND number = 0")[0]
        must(tile[32 * place : 32 * place + 32] == hashlib.sha256(b"\0" + entry).digest(), "the tile is not made of leaf hashes")
        tile = tile[: 32 * place] + hashlib.sha256(b"\0" + changed).digest() + tile[32 * place + 32 :]
        change(
            company,
            ("UPDATE ledger_tail SET bytes = ? WHERE place = ?", changed, place),
            ("UPDATE ledger_tile SET hashes = ? WHERE level = 0 AND number = 0", tile),
        )
        shows(company, "expected", "found")
        # Opening compares the newest checkpoint with the tree, so nothing is even shown.
        tickmark("status", "--dir", company, ok=CORRUPT)


@attack("an entry in the middle deleted: named")
def entry_deleted(companies):
    with companies.copy() as company:
        change(company, ("DELETE FROM ledger_tail WHERE place = 20",))
        shows(company, "20")


@attack("two entries changed places: named")
def entries_swapped(companies):
    with companies.copy() as company:
        change(
            company,
            ("UPDATE ledger_tail SET place = -1 WHERE place = 20",),
            ("UPDATE ledger_tail SET place = 20 WHERE place = 21",),
            ("UPDATE ledger_tail SET place = 21 WHERE place = -1",),
        )
        shows(company, "20")


@attack("a checkpoint's signature replaced by another one's: named")
def checkpoint_changed(companies):
    with companies.copy() as company:
        (old, of_old), (new, of_new) = read(company, "SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 2")
        text, _, _ = of_old.partition("\n\n")
        _, _, signature = of_new.partition("\n\n")
        change(company, ("UPDATE ledger_checkpoint SET note = ? WHERE size = ?", f"{text}\n\n{signature}", old))
        shows(company, "signature")


@attack("an anchor taken away: the ledger says that nobody outside holds it")
def anchor_removed(companies):
    with companies.copy() as company:
        says(ledger(company, "head", ok=DONE), "1 outside anchor")
        change(company, ("DELETE FROM ledger_anchor",))
        says(ledger(company, "head", ok=DONE), "0 outside anchor")


def varint(number):
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes(encoded + bytes([number]))


@attack("a forged snapshot of state is not believed over the entries")
def snapshot_forged(companies):
    right = figures(companies.demo)
    with companies.copy() as company:
        is_sound(company)
        (book, size) = read(company, "SELECT id, size FROM ledger_book")[0]
        tried = 0
        # The state of an organization that has recorded nothing is a row of zeros: as many as the state has fields, which is
        # tried out. The rules' version is small.
        for rules in range(1, 3):
            for fields in range(8, 28):
                body = varint(rules) + varint(size) + bytes(fields)
                forged = hashlib.sha256(body).digest() + body
                change(
                    company,
                    ("DELETE FROM ledger_snapshot",),
                    ("INSERT INTO ledger_snapshot (ledger, rules, size, digest, state) VALUES (?, ?, ?, ?, ?)",
                     book, rules, size, hashlib.sha256(forged).hexdigest(), forged),
                )  # fmt: skip
                tried += 1
                status = tickmark("--format", "json", "status", "--dir", company)
                if status.code == CORRUPT:
                    return f"named after {tried} forgeries"
                must(
                    status.code == DONE and status.json() == right[0],
                    lambda: f"rules {rules}, {fields} fields: believed: {status}; and then: {ledger(company, 'check')}",
                )
        return f"{tried} forgeries ignored"


def named_by_the_ledger(company):
    """(what, digest) of objects that entries name."""
    for _, entry in facts(company):
        for event in entry["body"].get("events", ()):
            for name in ("manifest", "document", "statement", "text", "rows"):
                if isinstance(event.get(name), str) and len(event[name]) == 64:
                    yield f"{event['type']} {name}", event[name]


def delete_one(companies, what):
    """Deletes an object of one kind that the ledger names; `vault check` has to miss it."""
    with companies.copy() as company:
        digests = [digest for kind, digest in named_by_the_ledger(company) if kind == what]
        must(digests, f"no entry has a {what}")
        digest = companies.random("delete", what).choice(digests)
        found = [path for path in objects(company) if path.name.startswith(digest)]
        must(found, f"{what} {digest} is not in the vault")
        found[0].unlink()
        says(vault(company, "check", ok=CORRUPT), digest)


@attack("the manifest of an extract deleted from the vault: the check misses it")
def manifest_deleted(companies):
    delete_one(companies, "EvidenceRecorded manifest")


@attack("a document deleted from the vault: the check misses it")
def document_deleted(companies):
    delete_one(companies, "DocumentRecorded document")


@attack("the statement of who attests a document deleted from the vault: the check misses it")
def statement_deleted(companies):
    delete_one(companies, "DocumentRecorded statement")


@attack("rows of an extract deleted from the vault: the check misses them, and no control test passes on what is left")
def rows_deleted(companies):
    with companies.copy() as company:
        kept = {digest for _, digest in named_by_the_ledger(company)}
        # Sealed objects that no entry names are rows, and originals kept beside them; the largest are rows.
        parts = [path for path in objects(company) if path.name.partition(".")[0] not in kept and path.suffix]
        gone = sorted(parts, key=lambda path: path.stat().st_size)[-60:]
        for path in gone:
            path.unlink()
        checked = vault(company, "check", ok=CORRUPT)
        digests = [path.name.partition(".")[0] for path in gone]
        must(any(digest in checked.out + checked.err for digest in digests), lambda: f"none of the lost is named: {checked}")
        run = tickmark("--format", "json", "test", "--dir", company, "--as", "P-005796")
        lines = [line for one in run.json() for line in one["results"]]
        must(len(lines) > 30 and any(line["reason"] for line in lines), "every control test ran although rows are gone")
        must(all(line["outcome"] != "no-exceptions" for line in lines if line["reason"]), "unknown was folded into a pass")


@attack("two objects of the vault changed places: both are named wrong, the first by its name")
def objects_swapped(companies):
    with companies.copy() as company:
        one, other = companies.random("swap").sample([path for path in objects(company) if not path.suffix], 2)
        first, second = one.read_bytes(), other.read_bytes()
        must(first != second, "the same bytes lie twice in the vault")
        one.write_bytes(second)
        other.write_bytes(first)
        says(vault(company, "check", ok=CORRUPT), min(one.name, other.name))


@attack("the key of a sealed object taken from the key store: the check names the object")
def key_removed(companies):
    with companies.copy() as company:
        keys = next(company.glob("vault/*/keys.db"))
        store = sqlite3.connect(keys)
        with store:
            (digest,) = store.execute("SELECT digest FROM object_key ORDER BY digest LIMIT 1").fetchone()
            store.execute("DELETE FROM object_key WHERE digest = ?", (digest,))
        store.close()
        answer = vault(company, "check")
        must(answer.code == CORRUPT, lambda: str(answer))
        says(answer, digest.hex())


@attack("a dataset taken from the vault's own list, so that nothing follows it: the check misses it")
def list_shortened(companies):
    with companies.copy() as company:
        store = sqlite3.connect(next(company.glob("vault/*/keys.db")))
        with store:
            (digest,) = store.execute("SELECT digest FROM manifest ORDER BY digest LIMIT 1").fetchone()
            store.execute("DELETE FROM manifest WHERE digest = ?", (digest,))
        store.close()
        answer = vault(company, "check")
        must(answer.code == CORRUPT, lambda: str(answer))
        says(answer, digest.hex())


@attack("the secret of the item keys is not erased, whatever the reason: refused, and nothing is recorded")
def item_keys_erased(companies):
    with companies.copy() as company:
        (named,) = company.glob("keys/*.item-keys")
        before = facts(company)
        for _ in range(2):
            ended = vault(company, "erase", named.read_text().strip(), "--reason", "request 18", ok=REFUSED)
            says(ended, "item keys")
        must(facts(company) == before, "something was recorded")
        is_sound(company)


@attack("a tombstone written by hand passes for no erasure")
def erasure_forged(companies):
    with companies.copy() as company:
        store = sqlite3.connect(next(company.glob("vault/*/keys.db")))
        with store:
            (digest,) = store.execute(
                "SELECT digest FROM object_key WHERE digest NOT IN (SELECT digest FROM manifest) ORDER BY digest LIMIT 1"
            ).fetchone()
            store.execute("DELETE FROM object_key WHERE digest = ?", (digest,))
            store.execute(
                "INSERT INTO tombstone (digest, erased_at, reason, code, cleared) VALUES (?, ?, ?, ?, 1)",
                (digest, "2026-01-01T00:00:00Z", "request 17", bytes(32)),
            )
        store.close()
        says(vault(company, "check", ok=CORRUPT), digest.hex())


@attack("an erasure that no entry records: named, though the vault's own record of it is right")
def erasure_without_a_fact(companies):
    with companies.copy() as company, companies.copy(company) as aside:
        store = sqlite3.connect(next(company.glob("vault/*/keys.db")))
        (digest,) = store.execute(
            "SELECT digest FROM object_key WHERE digest NOT IN (SELECT digest FROM manifest) ORDER BY digest LIMIT 1"
        ).fetchone()
        store.close()
        vault(aside, "erase", digest.hex(), "--reason", "request 17", ok=DONE)
        vault(aside, "check", ok=DONE)
        # The vault in which it is erased, beside the ledger from before.
        shutil.rmtree(company / "vault")
        shutil.copytree(aside / "vault", company / "vault")
        says(vault(company, "check", ok=CORRUPT), digest.hex(), "no entry")


@attack("a pipe, a folder and a link in place of objects: the check ends, and names them")
def not_a_file(companies):
    for kind, put in (("pipe", os.mkfifo), ("folder", os.mkdir), ("link", lambda path: os.symlink("/etc/passwd", path))):
        with companies.copy() as company:
            path = companies.random("not a file", kind).choice(objects(company))
            path.unlink()
            put(path)
            says(vault(company, "check", ok=CORRUPT), path.name.partition(".")[0])


@attack("a secret file that others can read is refused")
def readable_secret(companies):
    with companies.copy() as company:
        (company / "keys" / "sealing.key").chmod(0o644)
        says(tickmark("status", "--dir", company, ok=FAILED), "sealing.key", "644")
