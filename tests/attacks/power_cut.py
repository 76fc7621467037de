"""The power fails at any moment of a command: the disk holds what was fsynced, and perhaps parts of the rest.

A killed process does not show this, since the system still writes what it was given. So a run is recorded call by call,
and the disk that a cut leaves is built from the record (`journal.py`).
"""
import hashlib
import shutil

from harness import (
    ADMINISTRATOR, DONE, LEAD, all_well, attack, collect, copied, facts, facts_of, is_sound, ledger, must,
    rows_of, says, side_by_side, tickmark, vault,
)  # fmt: skip
from journal import Disk, Journal, lay_out, recorded

FIRST, LAST = "2026-09-01", "2026-09-30"
# One source of files in the clear, one with personal data, one database: every way into the vault.
SOURCES = ("registers", "idp", "payroll")


def record(before, place, work, *arguments):
    """Runs a command on a copy of the company and gives its journal."""
    live = copied(before, work)
    known = Journal.names(live)
    code, _, log = recorded(live, place, *arguments)
    must(code == DONE, f"the run to be recorded ended with {code}")
    journal = Journal(live, known, log)
    must(any(operation[0] == "sync" for operation in journal.operations), "nothing was fsynced, or the record is empty")
    log.unlink()
    shutil.rmtree(live)
    # The same paths, so that the record fits the folder that it is replayed on.
    copied(before, live)
    return live, journal.operations


def digest_of(held):
    """Two disks that hold the same are looked at once."""
    seen = hashlib.sha256()

    def take(node):
        if isinstance(node, dict):
            for name in sorted(node):
                seen.update(f"{len(name)}:{name}".encode())
                take(node[name])
            seen.update(b"/")
        else:
            data = node if isinstance(node, bytes) else node.encode()
            seen.update(b"%d:" % len(data) + hashlib.sha256(data).digest())

    take(held)
    return seen.digest()


def cuts(companies, name, operations, count):
    """Moments all over the run, the one after its last operation among them."""
    random = companies.random("cuts", name)
    return sorted([random.randint(0, len(operations)) for _ in range(count - 1)] + [len(operations)])


def disks(companies, name, live, operations, count):
    """(cut, kind, what was said before, what the disk holds): at each cut what must be there, and what may be there."""
    disk, seen = Disk(live), set()
    random = companies.random("torn", name)
    for cut in cuts(companies, name, operations, count):
        disk.advance(operations, cut)
        for kind, held in (("fsynced only", disk.held()), ("parts of the rest too", disk.held(random))):
            digest = digest_of(held), bool(disk.said)
            if digest not in seen:
                seen.add(digest)
                yield f"{cut} of {len(operations)} operations, {kind}", disk.said, held


def after_each(companies, name, live, operations, count, look):
    """Looks at every disk; gives a note."""
    with companies.place() as place:

        def one(numbered):
            number, (_, said, held) = numbered
            folder = lay_out(held, live, place / str(number))
            try:
                look(folder, said)
            finally:
                shutil.rmtree(folder)

        judged = side_by_side(one, list(enumerate(disks(companies, name, live, operations, count))))
    all_well([(cut, complaint) for (_, (cut, _, _)), complaint in judged])
    synced = sum(operation[0] == "sync" for operation in operations)
    return f"{count} cuts, {len(judged)} different disks; {len(operations)} operations, {synced} fsyncs"


@attack("power fails during a collection: all before it stays, it is whole or not there, the next one completes")
def collection(companies):
    with companies.place() as place:
        before = copied(companies.demo, place / "before", ("packages", "truth", "firm"))
        for source in before.joinpath("sources").iterdir():
            if source.stem not in SOURCES:
                source.unlink()
        earlier = facts(before)
        with companies.copy(before) as whole:
            brought = collect(whole, FIRST, LAST).out
            expected, whole_facts = rows_of(brought), facts_of(brought)
        live, operations = record(
            before, place, place / "live", "--format", "json", "collect", "--dir", place / "live", "--as", ADMINISTRATOR,
            "--first", FIRST, "--last", LAST,
        )  # fmt: skip

        def look(folder, said):
            now = is_sound(folder)
            must(now[: len(earlier)] == earlier, "facts of before the collection are gone or changed")
            events = [event for _, entry in now[len(earlier) :] for event in entry["body"]["events"]]
            must(len(events) in (0, whole_facts), f"half a collection: {len(events)} of {whole_facts} facts")
            must(events or not said, "the result was printed, and its facts are gone")
            says(tickmark("status", "--dir", folder, ok=DONE), "harbor lane")
            must(rows_of(collect(folder, FIRST, LAST).out) == expected, "the next collection brought other rows")

        return after_each(companies, "collect", live, operations, companies.options.cuts, look)


INIT = ("--organization", "acme", "--name", "Acme", "--administrator", "Ann Ames", "--mail", "ann@acme.example")


def while_it_is_made(companies, name, look):
    with companies.place() as place:
        before = place / "before"
        before.mkdir()
        live, operations = record(before, place, place / "live", "init", "--dir", place / "live" / "house", *INIT)
        return after_each(companies, name, live, operations, max(20, companies.options.cuts // 8), look)


@attack("power fails after an installation was made and its recovery seed printed: it stands")
def installation_made(companies):
    printed = []

    def look(folder, said):
        if said:
            printed.append(said)
            house = folder / "house"
            stands = tickmark("status", "--dir", house)
            must(stands.code == DONE, f"the recovery seed was printed, and the installation is gone: {stands}")
            is_sound(house)

    note = while_it_is_made(companies, "init made", look)
    must(printed, "no disk was one of after the printing")
    return note


@attack("power fails while an installation is made: it stands or can be made in the same place")
def installation_half_made(companies):
    def look(folder, said):
        house = folder / "house"
        if not said and tickmark("status", "--dir", house).code != DONE:
            tickmark("init", "--dir", house, *INIT, ok=DONE)
            is_sound(house)

    return while_it_is_made(companies, "init half made", look)


@attack("power fails while packages are made: a package that was printed is there and verifies, none is half there")
def packages(companies):
    with companies.place() as place:
        before = copied(companies.demo, place / "before", ("packages", "truth", "firm"))
        live, operations = record(
            before, place, place / "live", "report", "--dir", place / "live", "--as", LEAD, "--engagement", "soc1"
        )

        def look(folder, said):
            is_sound(folder)
            report = folder / "packages" / "soc1-report.zip"
            must(report.exists() or not said, "the package was printed, and it is gone")
            if report.exists():
                tickmark("verify", report, ok=DONE)
            if said:
                for name in ("soc1-examination.zip", "soc1-report.pdf", "soc1-management-testing.pdf"):
                    must((folder / "packages" / name).exists(), f"{name} was printed, and it is gone")
                for document in folder.glob("packages/*.pdf"):
                    must(document.read_bytes().rstrip().endswith(b"%%EOF"), f"{document.name} was printed, and is cut short")

        return after_each(companies, "report", live, operations, max(20, companies.options.cuts // 10), look)


@attack("power fails after an erasure was reported: its key is on no disk, and stays gone")
def erasure(companies):
    import sqlite3

    with companies.place() as place:
        before = copied(companies.demo, place / "before", ("packages", "truth", "firm", "systems"))
        keys = next(before.glob("vault/*/keys.db"))
        store = sqlite3.connect(f"file:{keys}?immutable=1", uri=True)
        rows = store.execute("SELECT digest, wrapped FROM object_key WHERE digest NOT IN (SELECT digest FROM manifest)")
        sealed, wrapped = companies.random("erasure").choice(sorted(rows))
        store.close()
        must(any(wrapped in file.read_bytes() for file in keys.parent.glob("keys.db*")), "the key is not where it is sought")
        live, operations = record(
            before, place, place / "live", "vault", "--dir", place / "live", "erase", sealed.hex(), "--reason", "request 17"
        )

        def look(folder, said):
            ledger(folder, "check", ok=DONE)
            if said:
                for file in folder.glob("vault/*/keys.db*"):
                    must(wrapped not in file.read_bytes(), f"the destroyed key is still in {file.name}")
                must(not any(folder.glob(f"vault/*/objects/*/{sealed.hex()}*")), "the ciphertext is still there")
            vault(folder, "erase", sealed.hex(), "--reason", "request 17", ok=DONE)
            vault(folder, "check", ok=DONE)

        return after_each(companies, "erase", live, operations, 40, look)
