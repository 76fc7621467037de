"""Hostile evidence: what a source delivers is refused with its place, or taken exactly; never guessed, never in part.

A collection that failed is a fact (exit code 5), earlier evidence stays, ledger and vault stay well.
"""
import contextlib
import datetime
import hashlib
import io
import os
import re
import resource
import shutil
import struct
import zipfile
import zoneinfo

from harness import (
    ARGUMENTS, DONE, FAILED, INCOMPLETE, REFUSED, all_well, attack, collect, facts, is_sound, must, says, side_by_side, tickmark,
)  # fmt: skip

FIRST, LAST = "2026-09-01", "2026-09-30"
ZONE = "America/New_York"

FILES = """id = "hostile"
title = "Somebody's files"
kind = "files"
zone = "{zone}"
folder = "systems/hostile"

[[datasets]]
dataset = "{dataset}"
files = "{file}"
format = "{format}"
count.none = "the file has no count of its own"
{more}"""

COMMAND = """id = "hostile"
title = "Somebody's command"
kind = "exec"
zone = "America/New_York"

[[datasets]]
dataset = "training"
argv = ["/bin/sh", "-c", '''{script}''']
sha256 = "{sha256}"
count.none = "an attack"
environment = {{ PATH = "/usr/bin:/bin" }}
format = "{format}"
timeout_seconds = 2
max_bytes = 100000
"""


def command(script, format):
    """A source whose rows a script prints."""
    sha256 = hashlib.sha256(open("/bin/sh", "rb").read()).hexdigest()
    return COMMAND.format(script=script, format=format, sha256=sha256)


HEADER = b"person_id,course,assigned_on,completed_on\n"
# Address space for reading one small workbook: half a gibibyte of program and libraries, as much for its work.
MEMORY = 1 << 30

GOOD = HEADER + b"P-1,awareness,2026-01-12,2026-01-16\nP-2,awareness,2026-01-12,\n"


@contextlib.contextmanager
def office(companies, keep=()):
    """A company that has no source but the hostile one, and those to keep."""
    with companies.copy(without=("packages", "truth", "firm")) as company:
        for source in company.joinpath("sources").iterdir():
            if source.stem not in keep:
                source.unlink()
        company.joinpath("systems", "hostile").mkdir()
        yield company


def declare(company, dataset="training", file="training.csv", format="csv", zone=ZONE, more=""):
    text = FILES.format(dataset=dataset, file=file, format=format, zone=zone, more=more)
    company.joinpath("sources", "hostile.toml").write_text(text)
    return company / "systems" / "hostile" / file


def collected(company, *more, ok):
    return collect(company, FIRST, LAST, "--approve", *more, ok=ok, seconds=30)


def recorded(company, since):
    return [event for _, entry in facts(company)[since:] for event in entry["body"].get("events", ())]


def refused(company, *words):
    """The collection fails with these words; the failure is a fact, and nothing else is."""
    before = facts(company)
    failures = collected(company, ok=INCOMPLETE).json()["failures"]
    must(len(failures) == 1, lambda: f"{len(failures)} failures")
    for word in words:
        must(re.search(word, failures[0]["message"], re.I), lambda: f"`{failures[0]['message']}` says nothing of `{word}`")
    must("\x1b" not in failures[0]["message"] and "\0" not in failures[0]["message"], "a value writes on the terminal")
    after = is_sound(company)
    must(after[: len(before)] == before, "earlier facts changed")
    kinds = {event["type"] for event in recorded(company, len(before))} - {"SourceApproved"}
    must(kinds == {"CollectionFailed"}, f"recorded: {kinds}")


def taken(company, rows):
    """The collection takes exactly so many rows."""
    extracts = collected(company, ok=DONE).json()["extracts"]
    must([line["rows"] for line in extracts] == [rows], lambda: f"{extracts}, not {rows} rows")
    is_sound(company)


def each(companies, cases, judge):
    def one(case):
        with office(companies) as company:
            judge(company, *case[1:])

    judged = side_by_side(one, cases)
    all_well([(case[0], complaint) for case, complaint in judged])
    return ", ".join(case[0] for case in cases)


@attack("a good file is taken: what is refused below is refused for what is wrong with it")
def good(companies):
    with office(companies) as company:
        declare(company).write_bytes(GOOD)
        taken(company, 2)


ODD_BUT_RIGHT = [
    ("byte order mark", b"\xef\xbb\xbf" + GOOD, 2),
    ("UTF-16 with its mark", b"\xff\xfe" + GOOD.decode().encode("utf-16-le"), 2),
    ("UTF-16 big-endian with its mark", b"\xfe\xff" + GOOD.decode().encode("utf-16-be"), 2),
    ("newlines in quotes", HEADER + b'P-1,"aware\nness,\r\n2026",2026-01-12,\nP-2,x,2026-01-12,\n', 2),
    ("CR LF", GOOD.replace(b"\n", b"\r\n"), 2),
    ("quotes in quotes", HEADER + b'P-1,"a ""course""",2026-01-12,\n', 1),
    ("a header and no rows", HEADER, 0),
]


@attack("odd text that is right is taken row by row")
def odd_but_right(companies):
    def judge(company, data, rows):
        declare(company).write_bytes(data)
        taken(company, rows)

    return each(companies, ODD_BUT_RIGHT, judge)


WRONG_TEXT = [
    ("a field too few", HEADER + b"P-1,awareness,2026-01-12,\nP-2,awareness\n", r"training\.csv", "line 3|row 3"),
    ("a field too many", HEADER + b"P-1,awareness,2026-01-12,,more\n", r"training\.csv", "line 2|row 2"),
    ("NUL", HEADER + b"P-1,aware\0ness,2026-01-12,\n", r"training\.csv", "line 2|row 2|NUL"),
    ("UTF-16 without its mark", GOOD.decode().encode("utf-16-le"), r"training\.csv"),
    ("half a UTF-16 character", b"\xff\xfe" + GOOD.decode().encode("utf-16-le") + b"\0", r"training\.csv"),
    ("Latin-1", HEADER + b"P-1,caf\xe9,2026-01-12,\n", r"training\.csv", "UTF-8|line 2"),
    ("empty", b"", r"training\.csv", "header|empty"),
    ("a quote that never ends", HEADER + b'P-1,"aware,2026-01-12,\nP-2,x,2026-01-12,\n', r"training\.csv", "quote|line|row"),
    ("a header twice", b"person_id,course,course,assigned_on,completed_on\nP-1,a,b,2026-01-12,\n", "course", "more than once"),
    ("a column gone", b"person_id,course,assigned_on\nP-1,a,2026-01-12\n", "missing", "completed_on"),
    ("a column more", b"person_id,course,assigned_on,completed_on,salary\nP-1,a,2026-01-12,,9\n", "salary", "neither mapped"),
    ("no date", HEADER + b"P-1,a,yesterday,\n", "assigned_on", "row 2", "yesterday"),
    ("a day that is none", HEADER + b"P-1,a,2026-02-30,\n", "assigned_on", "row 2"),
    ("nothing where something must be", HEADER + b"P-1,,2026-01-12,\n", "course", "row 2"),
    ("one key twice", HEADER + b"P-1,a,2026-01-12,\nP-2,a,2026-01-12,\nP-1,a,2026-01-13,\n", "row 4", "row 2", "key"),
    ("a value that writes on the terminal", HEADER + b"P-1,a,\x1b[31mred\x1b]0;x\x07,\n", "assigned_on", "row 2"),
    ("cut within the last line", HEADER + b"P-1,a,2026-01-12,2026-02-01\nP-2,a,2026-01-12,", "training.csv", "no end"),
    ("a million commas", HEADER + b"P-1" + b"," * 1_000_000 + b"\n", r"training\.csv", "line 2|row 2"),
]


@attack("text that is wrong is refused with file and place")
def wrong_text(companies):
    def judge(company, data, *words):
        declare(company).write_bytes(data)
        refused(company, *words)

    return each(companies, WRONG_TEXT, judge)


WRONG_JSON = [
    ("cut short", "json", b'[{"person_id":"P-1","course":"a","assigned_on":"2026-01-12","completed_on":null},{"per'),
    ("a name twice", "json", b'[{"person_id":"P-1","person_id":"P-2","course":"a","assigned_on":"2026-01-12","completed_on":null}]'),
    ("no array", "json", b'{"rows":[]}'),
    ("nested a hundred thousand deep", "json", b"[" * 100_000),
    ("a last line cut short", "jsonl", b'{"person_id":"P-1","course":"a","assigned_on":"2026-01-12","completed_on":null}\n{"person_id":"P-2"'),
    ("a number for text", "json", b'[{"person_id":1,"course":"a","assigned_on":"2026-01-12","completed_on":null}]'),
]  # fmt: skip


@attack("JSON that is wrong is refused with the file")
def wrong_json(companies):
    def judge(company, format, data):
        declare(company, file=f"training.{format}", format=format).write_bytes(data)
        refused(company, rf"training\.{format}")

    return each(companies, WRONG_JSON, judge)


@attack("Parquet cut short or damaged is refused with the file")
def wrong_parquet(companies):
    whole = (companies.demo / "systems" / "scheduler" / "runs.parquet").read_bytes()
    random = companies.random("parquet")
    footer = len(whole) - 8 - struct.unpack("<I", whole[-8:-4])[0]

    def flipped(at):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        return bytes(changed)

    cases = [("half", whole[: len(whole) // 2]), ("without its last byte", whole[:-1]), ("empty", b""), ("only magic", b"PAR1PAR1")]
    cases += [(f"footer changed at {at}", flipped(at)) for at in random.sample(range(footer, len(whole)), 6)]
    harmless = []

    def judge(company, data):
        declare(company, dataset="scheduled_job", file="runs.parquet", format="parquet", more='outside = "skip"\n').write_bytes(data)
        before = facts(company)
        ended = collected(company, ok=(DONE, INCOMPLETE))
        if ended.code == DONE:
            # A changed footer may carry nothing (statistics, the writer's name): then the rows are all there.
            harmless.append(ended.json()["extracts"])
            return
        must("runs.parquet" in ended.json()["failures"][0]["message"], lambda: str(ended))
        must(is_sound(company)[: len(before)] == before, "earlier facts changed")

    note = each(companies, cases, judge)
    with office(companies) as company:
        declare(company, dataset="scheduled_job", file="runs.parquet", format="parquet", more='outside = "skip"\n').write_bytes(whole)
        right = [line["rows"] for line in collected(company, ok=DONE).json()["extracts"]]
    for extracts in harmless:
        must([line["rows"] for line in extracts] == right, f"a damaged file gave {extracts}")
    must(len(harmless) < 6, "every damaged footer was taken")
    return note


def workbook(company, change):
    path = declare(company, dataset="person", file="roster.xlsx", format="xlsx", more='sheet = "Roster"\n')
    with zipfile.ZipFile(company / "systems" / "hr" / "roster.xlsx") as right, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wrong:
        for name in right.namelist():
            data = right.read(name)
            wrong.writestr(name, change(data) if name == "xl/worksheets/sheet1.xml" else data)


CELL = re.compile(rb'<c r="B3" [^>]*>.*?</c>')
WRONG_CELLS = [
    ("formula", b'<c r="B3" t="str"><f>CONCATENATE("a","b")</f><v>ab</v></c>', "formula", "row 3|B3"),
    ("error", b'<c r="B3" t="e"><v>#DIV/0!</v></c>', "DIV|error", "row 3|B3"),
    ("nothing", b"", "name", "row 3|B3"),
    ("true for a name", b'<c r="B3" t="b"><v>1</v></c>', "name", "row 3|B3"),
    ("a string that is not there", b'<c r="B3" t="s"><v>99999999</v></c>', r"roster\.xlsx"),
]


@attack("a workbook with a formula, an error or no value is refused with the cell")
def wrong_workbook(companies):
    def judge(company, cell, *words):
        workbook(company, lambda sheet: CELL.sub(lambda _: cell, sheet, count=1))
        refused(company, *words)

    with office(companies) as company:
        workbook(company, lambda sheet: sheet)
        must(collected(company, ok=DONE).json()["extracts"][0]["rows"] > 100, "the workbook itself is not taken")
    return each(companies, WRONG_CELLS, judge)


@attack("a workbook cut short, or no workbook, is refused with the file")
def broken_workbook(companies):
    whole = (companies.demo / "systems" / "hr" / "roster.xlsx").read_bytes()

    def judge(company, data):
        declare(company, dataset="person", file="roster.xlsx", format="xlsx", more='sheet = "Roster"\n').write_bytes(data)
        refused(company, r"roster\.xlsx")

    return each(companies, [("half", whole[: len(whole) // 2]), ("text", b"person_id\n"), ("empty", b"")], judge)


@attack("a workbook of a megabyte that unpacks to a gibibyte takes no gibibyte of memory: refused, or read in pieces")
def workbook_bomb(companies):
    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def blow_up(data):
        return data.replace(b"</sheetData>", b" " * (1 << 30) + b"</sheetData>")

    for change, codes in ((lambda data: data, DONE), (blow_up, (DONE, INCOMPLETE))):
        with office(companies) as company:
            workbook(company, change)
            collect(company, FIRST, LAST, "--approve", ok=codes, preexec_fn=limited)
            is_sound(company)


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


@attack("a workbook with one cell at its far corner takes no memory for the cells between: refused with both corners")
def far_corner(companies):
    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    with office(companies) as company:
        workbook(company, lambda data: data.replace(b"</sheetData>", FAR))
        ended = collect(company, FIRST, LAST, "--approve", ok=INCOMPLETE, preexec_fn=limited)
        says(ended, "roster.xlsx", "XFD1048576")
        is_sound(company)


def book(data):
    """The smallest workbook with this sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}"/>',
        "_rels/.rels": f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{of}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{of}"><sheets><sheet name="RCM" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{of}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()


def texts(row, *says):
    cells = "".join(f'<c r="{chr(65 + at)}{row}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(says))
    return f'<row r="{row}">{cells}</row>'


LIST = texts(1, "Control ID", "Description") + texts(2, "C-1", "Somebody does it.")
LISTS = [
    ("one cell at the far corner", "list.xlsx", lambda: book(LIST + FAR.decode().removesuffix("</sheetData>")), "XFD1048576"),
    ("a gibibyte unpacked", "list.xlsx", lambda: book(LIST + " " * (1 << 30)), "MiB"),
    ("no header", "list.csv", lambda: b"a,b\n1,2\n", "no sheet with a header"),
    ("a hundred thousand rows", "list.csv", lambda: b"Control ID,Description\n" + b"C,Somebody does it.\n" * 100_000, "at most"),
    ("half a workbook", "list.xlsx", lambda: book(LIST)[:300], "workbook"),
]


@attack("a list of controls that nobody could review is refused with file and reason, within a gibibyte of memory")
def wrong_lists(companies):
    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def one(case):
        _, name, data, word = case
        with companies.place() as place:
            (place / name).write_bytes(data())
            ended = tickmark("import", place / name, "--to", place / "to", ok=FAILED, preexec_fn=limited)
            says(ended, name, word)
            must(not (place / "to").exists(), "files were written")

    judged = side_by_side(one, LISTS)
    all_well([(case[0], complaint) for case, complaint in judged])
    with companies.place() as place:
        (place / "list.xlsx").write_bytes(book(LIST))
        tickmark("import", place / "list.xlsx", "--to", place / "to", ok=DONE)
        (place / "list.csv").write_bytes(b"Control ID,Description\n../../../out,One.\nIT/1,Two.\nIT:1,Three.\nit-2,Four.\nIT-2,Five.\n")
        tickmark("import", place / "list.csv", "--to", place / "ids", ok=DONE)
        written = sorted(path.name for path in (place / "ids" / "controls").iterdir())
        must(len({name.lower() for name in written}) == len(written) == 5, f"{written}")
        must(not [path for path in place.rglob("out*")], "a file outside was written")
    return ", ".join(case[0] for case in LISTS)


def link_out(path):
    path.symlink_to("/etc/passwd")


def folder_link_out(path):
    shutil.rmtree(path.parent)
    outside = path.parents[2] / "elsewhere"
    outside.mkdir()
    (outside / path.name).write_bytes(GOOD)
    path.parent.mkdir()
    path.symlink_to(outside / path.name)


NO_FILES = [
    ("link out of the folder", link_out, r"training\.csv", "leads out"),
    ("link to a good file outside", folder_link_out, r"training\.csv", "leads out"),
    ("pipe", os.mkfifo, r"training\.csv", "regular file"),
    ("folder", os.mkdir, r"training\.csv", "regular file|directory"),
    ("device", lambda path: os.mknod(path, 0o20666, os.makedev(1, 5)), r"training\.csv", "regular file"),
    ("link to itself", lambda path: path.symlink_to(path.name), r"training\.csv"),
    ("nothing", lambda path: None, r"training\.csv", "no file"),
]


@attack("what is no file of the folder is refused and never waited for")
def no_files(companies):
    def judge(company, put, *words):
        put(declare(company))
        refused(company, *words)

    return each(companies, NO_FILES if os.geteuid() == 0 else [case for case in NO_FILES if case[0] != "device"], judge)


@attack("a column that went away or changed its type between two collections: refused, and the first stays evidence")
def changed_between(companies):
    for data, word in (
        (b"person_id,course,assigned_on\nP-1,a,2026-01-12\n", "completed_on"),
        (HEADER.replace(b"assigned_on", b"assigned_at") + b"P-1,a,2026-01-12,\n", "assigned"),
        (HEADER + b"P-1,a,1768176000,\n", "assigned_on"),
    ):
        with office(companies) as company:
            path = declare(company)
            path.write_bytes(GOOD)
            first = collected(company, ok=DONE).json()["extracts"][0]
            path.write_bytes(data)
            refused(company, r"training\.csv", word)
            kept = [event for event in recorded(company, 0) if event.get("manifest") == first["manifest"]]
            must(len(kept) == 1, "the first extract is no evidence any more")


ROWS = "echo person_id,course,assigned_on,completed_on; echo P-1,a,2026-01-12,"
COMMANDS = [
    ("half a document", "json", """printf '[{"person_id":"P-1","course":"a"'""", "output of"),
    ("a last line cut short", "jsonl", """printf '{"person_id":"P-1","course":"a","assigned_on":"2026-01-12","completed_on":null}'""", "cut short"),
    ("rows, then a failure", "csv", f"{ROWS}; echo no right to read the rest >&2; exit 3", "exit status: 3", "no right to read"),
    ("rows, then killed", "csv", f"{ROWS}; kill -9 $$", "signal"),
    ("rows, then no end", "csv", f"{ROWS}; sleep 60", "not done after 2 seconds"),
    ("no end, and a child that holds the pipe", "csv", f"{ROWS}; sleep 60 & sleep 60", "not done after 2 seconds"),
    ("too much", "csv", f"{ROWS}; yes P-2,a,2026-01-12,", "more than 100000 bytes"),
    ("nothing", "csv", "true", "output of", "header|empty"),
]  # fmt: skip


@attack("a command that fails, stops half-way, prints too much or never ends: refused in time with what it said")
def commands(companies):
    def judge(company, format, script, *words):
        text = command(script, format)
        company.joinpath("sources", "hostile.toml").write_text(text)
        refused(company, *words)
        here = str(company.resolve())
        left = [p for p in os.listdir("/proc") if p.isdigit() and cwd_of(p).startswith(here)]
        must(not left, f"the command still runs: {left}")

    with office(companies) as company:
        company.joinpath("sources", "hostile.toml").write_text(command(ROWS, "csv"))
        taken(company, 1)
    return each(companies, COMMANDS, judge)


def cwd_of(process):
    try:
        return os.readlink(f"/proc/{process}/cwd")
    except OSError:
        return ""


@attack("a hostile file beside good sources: what they brought is evidence, the failure is a fact")
def beside_good_ones(companies):
    with office(companies, keep=("registers",)) as company:
        declare(company).write_bytes(HEADER + b"P-1\n")
        before = len(facts(company))
        ended = collected(company, ok=INCOMPLETE).json()
        registers = sum("[[datasets]]" in line for line in (company / "sources" / "registers.toml").read_text().splitlines())
        must(len(ended["extracts"]) == registers > 3 and len(ended["failures"]) == 1, f"{len(ended['extracts'])} extracts")
        kinds = [event["type"] for event in recorded(company, before)]
        must(kinds.count("EvidenceRecorded") == registers and kinds.count("CollectionFailed") == 1, f"recorded: {kinds}")


def others_are_kept(companies, spoil):
    with office(companies, keep=("registers", "documents", "idp")) as company:
        spoil(company)
        before = len(facts(company))
        ended = collected(company, ok=(INCOMPLETE, FAILED, REFUSED))
        kinds = [event["type"] for event in recorded(company, before)]
        must("EvidenceRecorded" in kinds, lambda: f"what other sources brought is lost: {ended}; recorded: {kinds}")
        must("CollectionFailed" in kinds, lambda: f"the failure is no fact: {ended}; recorded: {kinds}")
        must(ended.code == INCOMPLETE, lambda: str(ended))


@attack("a document of the register that is not there: a fact, and what other sources brought is evidence")
def document_missing(companies):
    others_are_kept(companies, lambda company: company.joinpath("systems", "documents", "policy-access.md").unlink())


@attack("a source whose folder is gone: a fact, and what other sources brought is evidence")
def folder_gone(companies):
    others_are_kept(companies, lambda company: shutil.rmtree(company / "systems" / "idp"))


@attack("a source in a time zone east of the organization: where it is tomorrow already, its state is evidence too")
def zone_in_the_east(companies):
    # Kiritimati is 14 hours ahead of UTC, the company in New York 4 or 5 behind: most of the day the dates differ.
    today = {zone: datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date() for zone in (ZONE, "Pacific/Kiritimati")}
    if len(set(today.values())) == 1:
        return "NOT TRIED: at this hour it is the same day in both"
    with office(companies, keep=("registers",)) as company:
        declare(company, zone="Pacific/Kiritimati").write_bytes(GOOD)
        collected(company, ok=DONE)


@attack("a source's settings that are wrong: the file and its line are named, nothing is collected")
def settings(companies):
    for wrong in ("id = 'x'\nkind = 'teleport'\n", "id = \n", FILES.format(zone=ZONE, dataset="training", file="a.csv", format="csv", more="colour = 1\n"),
                  FILES.format(zone=ZONE, dataset="training", file="../../../etc/passwd", format="csv", more="")):  # fmt: skip
        with office(companies) as company:
            company.joinpath("sources", "hostile.toml").write_text(wrong)
            before = facts(company)
            ended = collected(company, ok=(FAILED, INCOMPLETE))
            says(ended, "hostile.toml" if ended.code == FAILED else "leads out")
            must("root:" not in ended.out + ended.err, "a file outside was read")
            kinds = {event["type"] for event in recorded(company, len(before))}
            must("EvidenceRecorded" not in kinds, f"recorded: {kinds}")


@attack("a source that was changed after it was approved is refused")
def changed_settings(companies):
    with office(companies) as company:
        path = declare(company)
        path.write_bytes(GOOD)
        taken(company, 2)
        declare(company, more='ignore = ["nothing"]\n')
        before = facts(company)
        ended = collect(company, FIRST, LAST, ok=REFUSED)
        says(ended, "hostile")
        must(facts(company) == before, "something was recorded")


@attack("days that are none, or that end before they begin, are refused")
def days(companies):
    with office(companies) as company:
        for first, last in (("2026-02-30", LAST), ("yesterday", LAST), (LAST, FIRST)):
            ended = collect(company, first, last, ok=None)
            must(ended.code in (ARGUMENTS, FAILED, REFUSED) and ended.err.strip(), lambda: f"nothing was said: {ended}")


@attack("days that no engagement is about are not collected, and are told with their source")
def other_years(companies):
    with office(companies, keep=("registers", "deploy")) as company:
        collected(company, ok=DONE)
        ended = collect(company, "2019-01-01", "2019-12-31", ok=INCOMPLETE)
        says(ended, "2019-01-01")
        of_then = [line for line in ended.json()["extracts"] if line["first"].startswith("2019")]
        must(not of_then, lambda: f"collected all the same: {of_then}")
        told = {failure["source"] for failure in ended.json()["failures"]}
        must(told == {"deploy"}, lambda: f"told of {told}: {ended}")


@attack("a new installation collects, as `init` says that it can")
def new_installation(companies):
    with companies.place() as place:
        house = place / "house"
        tickmark("init", "--dir", house, "--organization", "acme", "--name", "Acme", "--administrator", "Ann", "--mail", "a@acme.example", ok=DONE)
        (house / "systems" / "hostile").mkdir(parents=True)
        declare(house).write_bytes(GOOD)
        tickmark("collect", "--dir", house, "--first", FIRST, "--last", LAST, "--approve", ok=DONE)
