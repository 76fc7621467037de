"""A collection is killed at any moment: what was acknowledged stays, nothing is half there, the next one completes.

Acknowledged is what was printed, and what any other process could read: somebody watches the ledger while it is written.
"""
import hashlib
import os
import signal
import sqlite3
import subprocess
import time

from harness import (
    ADMINISTRATOR, DONE, INCOMPLETE, LEAD, TICKMARK, all_well, attack, collect, copied, environment, facts, facts_of, is_sound, must,
    rows_of, says, side_by_side, tickmark,
)  # fmt: skip

FIRST, LAST = "2026-09-01", "2026-09-30"
# What a child of a killed process may take to notice that nobody reads what it prints.
GRACE = 10

# A command that takes its time over every row.
SLOW = """
id = "slow"
title = "A command that takes its time"
kind = "exec"
zone = "America/New_York"

[[datasets]]
dataset = "vendor"
argv = ["/bin/sh", "-c", "echo vendor_id,name,is_subservice,service,onboarded_on,ended_on; for i in 1 2 3 4 5 6 7 8 9; do sleep 0.02; echo v$i,Vendor $i,false,hosting,2026-01-01,; done"]
sha256 = "SHA256"
count.none = "an attack"
environment = { PATH = "/usr/bin:/bin" }
format = "csv"
timeout_seconds = 60
max_bytes = 100000
""".replace("SHA256", hashlib.sha256(open("/bin/sh", "rb").read()).hexdigest())


def before(companies, place):
    """A company with a year of evidence and a source for each way of collecting; the rest only takes time."""
    company = copied(companies.demo, place / "before", ("packages", "truth", "firm"))
    for source in company.joinpath("sources").iterdir():
        if source.stem not in ("idp", "code", "payroll", "registers"):
            source.unlink()
    company.joinpath("sources", "slow.toml").write_text(SLOW)
    collect(company, FIRST, FIRST, "--source", "slow", "--approve")
    return company


def still_running(company):
    """Processes at work in the company's folder, whoever their parent is now."""
    found, inside = [], str(company.resolve())
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{process}/cwd").startswith(inside):
                with open(f"/proc/{process}/cmdline") as words:
                    found.append((int(process), words.read().replace("\0", " ")[:80]))
        except OSError:
            pass
    return found


def watch(company, process, until, enough):
    """The size of the ledger that another process could read, until `until` or until it is larger than `enough`."""
    size = 0
    reading = sqlite3.connect(f"file:{company}/ledger.db?mode=ro", uri=True, isolation_level=None, timeout=0.01)
    try:
        while process.poll() is None and time.monotonic() < until and size <= enough:
            try:
                size = max(size, reading.execute("SELECT size FROM ledger_book").fetchone()[0])
            except sqlite3.OperationalError:
                pass
            time.sleep(0.0005)
    finally:
        reading.close()
    return size


def killed(company, after, *arguments, enough=float("inf")):
    """Runs the product and kills it after so many seconds, or when the ledger that another process reads is larger than
    `enough`; gives how it ended, what it printed, what could be read."""
    with open(company / "printed", "wb") as printed:
        began = time.monotonic()
        process = subprocess.Popen(
            [TICKMARK, "--format", "json", *arguments], stdout=printed, stderr=subprocess.DEVNULL, cwd=company,
            env=environment(),
        )  # fmt: skip
        seen = watch(company, process, began + after, enough)
        process.send_signal(signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + GRACE
    while (left := still_running(company)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for number, _ in left:
        os.kill(number, signal.SIGKILL)
    must(not left, f"{GRACE} s after the kill its children still ran: {[words for _, words in left]}")
    return process.returncode, company.joinpath("printed").read_text(), seen


def collecting(company):
    return "collect", "--dir", str(company), "--as", ADMINISTRATOR, "--first", FIRST, "--last", LAST


@attack("a collection killed at any moment loses no acknowledged fact, and the next one completes")
def collection(companies):
    with companies.place() as place:
        base = before(companies, place)
        earlier = facts(base)
        with companies.copy(base) as whole:
            began = time.monotonic()
            brought = tickmark("--format", "json", *collecting(whole), ok=DONE).out
            expected, whole_facts = rows_of(brought), facts_of(brought)
            lasts = time.monotonic() - began
        must(len(expected[0]) > 30 and not expected[1], f"the collection to be killed is not what it was: {expected}")
        random = companies.random("kill")
        # Two run at a time, so each takes longer than one alone. Every tenth is killed in the moment in which somebody else
        # could read its facts: that moment is short, and the one that matters most.
        kills = companies.options.kills
        moments = [60 if n % 10 == 0 else random.uniform(0, lasts * 1.25) for n in range(kills)]
        met = []

        def one(moment):
            with companies.copy(base, ()) as company:
                code, printed, seen = killed(
                    company, moment, *collecting(company), enough=len(earlier) if moment == 60 else float("inf")
                )  # fmt: skip
                now = is_sound(company)
                must(now[: len(earlier)] == earlier, "facts of before the collection are gone or changed")
                must(len(now) >= seen, f"another process read {seen} entries, {len(now)} are left")
                recorded = [event for _, entry in now[len(earlier):] for event in entry["body"]["events"]]
                must(len(recorded) in (0, whole_facts), f"half a collection: {len(recorded)} of {whole_facts} facts")
                if printed.strip():
                    must(recorded, "the result was printed, and its facts are gone")
                met.append((code < 0, bool(recorded)))
                again = rows_of(tickmark("--format", "json", *collecting(company), ok=DONE).out)
                must(again == expected, f"the next collection brought other rows: {again}")

        all_well(side_by_side(one, moments))
        during = sum(was_killed for was_killed, _ in met)
        kept = sum(has_facts for was_killed, has_facts in met if was_killed)
        # Kills that all came too late would prove nothing.
        must(during >= len(moments) / 3, f"only {during} of {len(moments)} kills met a running collection")
        return f"{len(moments)} kills over {lasts:.2f} s, {during} met it running, {kept} of these after its facts were durable"


def kill_and_look(companies, look, person, *arguments, ok=DONE):
    def words(company):
        return arguments[0], "--dir", str(company), "--as", person, *arguments[1:]

    with companies.copy() as whole:
        began = time.monotonic()
        tickmark(*words(whole), ok=ok)
        lasts = time.monotonic() - began
    random = companies.random("kill", *arguments)
    moments = [random.uniform(0, lasts * 1.25) for _ in range(max(6, companies.options.kills // 20))]
    met = []

    def one(moment):
        with companies.copy() as company:
            before = facts(company)
            met.append(killed(company, moment, *words(company))[0] < 0)
            must(is_sound(company)[: len(before)] == before, "facts of before are gone or changed")
            look(company)

    all_well(side_by_side(one, moments))
    must(sum(met) >= len(met) / 3, f"only {sum(met)} of {len(met)} kills met it running")
    return f"{len(met)} kills, {sum(met)} met it running"


def runs_again(company):
    says(tickmark("test", "--dir", company, "--as", LEAD, "--test", "mfa-on", ok=DONE), "mfa-on")


def whole_packages(company):
    """What bears the name of a package or a document is one."""
    for package in company.glob("packages/*-report.zip"):
        tickmark("verify", package, ok=DONE)
    for document in company.glob("packages/*.pdf"):
        must(document.read_bytes().rstrip().endswith(b"%%EOF"), f"{document.name} is cut short")


@attack("a run of control tests that is killed leaves no process behind, ledger and vault are well, tests run again")
def control_tests(companies):
    # The company never connected its vulnerability scanner, so a whole run ends as one that is not complete.
    return kill_and_look(companies, runs_again, LEAD, "test", ok=INCOMPLETE)


@attack("a report that is killed leaves ledger and vault well, and nothing half under a package's or document's name")
def report(companies):
    return kill_and_look(companies, whole_packages, LEAD, "report", "--engagement", "soc1")


@attack("a command of a source that never ends does not outlive the collection that was killed")
def endless_command(companies):
    with companies.copy() as company:
        for source in company.joinpath("sources").iterdir():
            source.unlink()
        company.joinpath("sources", "slow.toml").write_text(SLOW.replace("for i in", "sleep 300; for i in"))
        killed(company, 2.0, *collecting(company), "--approve")
        is_sound(company)
