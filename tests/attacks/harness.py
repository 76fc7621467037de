"""What every attack needs: the product, a company to attack, and a tally that cannot be talked round.

A company is one demo, made once and copied for every attack. A wrong answer is raised as `Wrong`; nothing here uses
`assert`, which an option of Python can switch off.
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time

TICKMARK = os.environ["TICKMARK"]
ADMINISTRATOR, LEAD = "P-007643", "P-005796"
SCALE = "2"
AT_ONCE = 2  # Attacks that run at the same time: the machines that run this have two cores.

# Exit codes, as `tickmark --help` documents them.
DONE, FAILED, ARGUMENTS, REFUSED, CORRUPT, INCOMPLETE = range(6)
# Fields of facts that name objects of the vault.
NAMED = ("manifest", "message", "document", "statement", "inputs", "rows", "text", "profile", "contents")
BAD_ENDS = ("panicked at", "stack backtrace", "RUST_BACKTRACE", "internal error")

ATTACKS = []


class Wrong(Exception):
    """The product did not show what it must."""


def must(holds, otherwise):
    if not holds:
        raise Wrong(otherwise() if callable(otherwise) else otherwise)


def attack(title):
    """Registers an attack under the sentence that it proves."""

    def register(run):
        ATTACKS.append((run.__module__, title, run))
        return run

    return register


class Ended:
    """How the product ended and what it said."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    def __str__(self):
        said = (self.out + self.err).strip().replace("\n", " | ")
        return f"`tickmark {' '.join(self.arguments)}` ended with {self.code}: {said[:600]}"

    def json(self):
        return json.loads(self.out)


def environment(**more):
    return {**os.environ, "RUST_BACKTRACE": "1", **more}


def tickmark(*arguments, ok=None, seconds=120, **options):
    """Runs the product. `ok` is the exit code, or the codes, that are right; a panic never is."""
    words = [str(word) for word in arguments]
    try:
        done = subprocess.run(
            [TICKMARK, *words], capture_output=True, timeout=seconds, env=environment(), stdin=subprocess.DEVNULL, **options
        )
    except subprocess.TimeoutExpired:
        raise Wrong(f"`tickmark {' '.join(words)}` did not end within {seconds} s") from None
    ended = Ended(words, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    must(ended.code in range(6) and not any(bad in ended.out + ended.err for bad in BAD_ENDS), lambda: str(ended))
    if ok is not None:
        must(ended.code in (ok if isinstance(ok, tuple) else (ok,)), lambda: f"{ended} (expected {ok})")
    return ended


def says(ended, *parts):
    """The answer holds every one of these words; upper and lower case are the same."""
    answer = (ended.out + ended.err).lower()
    for part in parts:
        must(part.lower() in answer, lambda: f"{ended} (nothing of `{part}`)")


def ledger(folder, *act, ok=None):
    return tickmark("ledger", "--dir", folder, *act, ok=ok)


def vault(folder, *act, ok=None):
    return tickmark("vault", "--dir", folder, *act, ok=ok)


def collect(folder, first, last, *more, ok=DONE, seconds=120, **options):
    return tickmark(
        "--format", "json", "collect", "--dir", folder, "--as", ADMINISTRATOR, "--first", first, "--last", last, *more,
        ok=ok, seconds=seconds, **options,
    )  # fmt: skip


def facts(folder):
    """Every entry of the ledger."""
    return tickmark("--format", "json", "ledger", "--dir", folder, "show", "0", "--limit", "1000000", ok=DONE).json()


def figures(folder):
    """What people are shown: where engagements stand, and every exception."""
    shown = ("status", "exceptions")
    return [tickmark("--format", "json", page, "--dir", folder, ok=DONE).json() for page in shown]


def is_sound(folder):
    """Ledger and vault check well, and every piece of evidence that the ledger names is there. Gives the entries."""
    says(ledger(folder, "check", ok=DONE), "nothing is wrong")
    says(vault(folder, "check", ok=DONE), "nothing is wrong")
    entries = facts(folder)
    there = {path.name.partition(".")[0] for path in pathlib.Path(folder).glob("vault/*/objects/*/*")}
    for index, entry in entries:
        for event in entry["body"].get("events", ()):
            for name in NAMED:
                is_object = isinstance(event.get(name), str) and len(event[name]) == 64
                must(not is_object or event[name] in there, lambda: f"entry {index} names the lost {name} {event[name]}")
    return entries


def rows_of(collection):
    """What a collection brought, without what is new each time (when, and under which name it was sealed)."""
    result = json.loads(collection) if isinstance(collection, str) else collection
    lines = [{k: v for k, v in line.items() if k != "manifest"} for line in result["extracts"]]
    return lines, result["failures"]


def facts_of(collection):
    """How many facts a collection without documents records: its extracts, and its series beside the sources' counts."""
    result = json.loads(collection)
    return len(result["extracts"]) + len(result["reconciled"])


class Companies:
    """The demo, and copies of it."""

    def __init__(self, root, seed):
        self.root, self.seed = pathlib.Path(root), seed
        self.demo = self.root / "demo"
        self.made = 0
        self.lock = threading.Lock()
        self.said = tickmark("--format", "json", "demo", "--dir", self.demo, "--scale", SCALE, ok=DONE).json()

    def random(self, *about):
        """The seed's random choices about one thing; another thing's do not move them."""
        return random.Random(f"{self.seed} {' '.join(map(str, about))}")

    @contextlib.contextmanager
    def place(self):
        """A new empty folder."""
        with self.lock:
            self.made += 1
            folder = self.root / f"place-{self.made}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def copy(self, of=None, without=("packages", "truth")):
        """A copy of the company."""
        with self.place() as place:
            yield copied(of or self.demo, place / "company", without)


def copied(of, to, without=()):
    # `cp` copies a thousand files in a twentieth of the time that Python takes.
    subprocess.run(["cp", "-a", "--reflink=auto", str(of), str(to)], check=True)
    for name in without:
        shutil.rmtree(to / name, ignore_errors=True)
    return to


def side_by_side(work, items):
    """Does `work` on every item, a few at a time; gives (item, what was wrong or nothing) in order."""

    def one(item):
        try:
            return work(item)
        except Wrong as wrong:
            return str(wrong)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return list(zip(items, pool.map(one, items)))


def all_well(judged):
    """Raises the first complaint of many like attacks, with how many there were."""
    wrong = [(item, complaint) for item, complaint in judged if complaint]
    if wrong:
        item, complaint = wrong[0]
        raise Wrong(f"{len(wrong)} of {len(judged)}; the first at {item}: {complaint}")


def run(companies, chosen, show=print):
    """Runs the attacks of the chosen files; gives how many were wrong."""
    attacks = [(title, act) for module, title, act in ATTACKS if module in chosen]
    wrong = 0
    for title, act in attacks:
        began = time.monotonic()
        try:
            note = act(companies)
            show(f"ok     {act.__module__}: {title}{f' ({note})' if note else ''}  {time.monotonic() - began:.1f} s")
        except Wrong as complaint:
            wrong += 1
            show(f"WRONG  {act.__module__}: {title}\n         {complaint}")
        except Exception as error:  # The attack itself broke: nothing was proved.
            wrong += 1
            place = error.__traceback__
            while place.tb_next:
                place = place.tb_next
            where = f"{pathlib.Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
            show(f"WRONG  {act.__module__}: {title}\n         the attack broke at {where}: {error!r}")
    show(f"{len(attacks) - wrong} ok, {wrong} wrong")
    return wrong


@contextlib.contextmanager
def new_root(folder=None):
    """Where companies are made. In memory where there is room: nothing here asks a disk to be durable, and thousands of
    fsyncs would be waited for."""
    memory = pathlib.Path("/dev/shm")
    if folder is None and memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30:
        folder = memory
    with tempfile.TemporaryDirectory(prefix="tickmark-attacks-", dir=folder) as root:
        yield root
