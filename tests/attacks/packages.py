"""A package that was changed on its way: `verify` names the first thing that is wrong, and writes nothing.

Packages are rewritten so that the zip itself is well; the untouched copy, rewritten the same way, must verify.
"""
import base64
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import time
import warnings
import zipfile

from harness import ADMINISTRATOR, ARGUMENTS, CORRUPT, DONE, FAILED, INCOMPLETE, LEAD, REFUSED, Wrong, all_well, attack, must, says, side_by_side, tickmark

MANIFEST, FIGURES, DISCLOSURE = "package.json", "figures/figures.json", "ledger/disclosure.json"


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unpacked(package):
    with zipfile.ZipFile(package) as zipped:
        return {entry.filename: zipped.read(entry) for entry in zipped.infolist()}


def packed(files):
    """The zip of these files; pairs where a name stands twice."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        for name, data in files.items() if isinstance(files, dict) else files:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith((".pdf", ".bin")) else zipfile.ZIP_DEFLATED
            zipped.writestr(entry, data)
    return written.getvalue()


def listed_again(files, **head):
    """`package.json` made to fit the files: the forger knows how packages are made."""
    manifest = json.loads(files[MANIFEST]) | head
    manifest["files"] = {
        name: {"digest": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in files.items() if name != MANIFEST
    }
    return {**files, MANIFEST: canonical(manifest)}


def everything_in(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def verified(companies, data, *options, code=CORRUPT, name="package.zip"):
    """Verifies these bytes; gives the first thing that was wrong. Nothing may be written, wherever."""
    with companies.place() as place:
        (place / "temporary").mkdir()
        package = place / name
        package.write_bytes(data)
        before = everything_in(place), hashlib.sha256(data).digest()
        os.environ["TMPDIR"] = str(place / "temporary")
        try:
            ended = tickmark("--format", "json", "verify", package, *options, cwd=place)
        finally:
            os.environ.pop("TMPDIR")
        must((everything_in(place), hashlib.sha256(package.read_bytes()).digest()) == before, "verifying wrote something")
        must(ended.code == code, lambda: f"{ended} (expected {code})")
        if code not in (DONE, CORRUPT, INCOMPLETE):
            return ended.err
        verdicts = [ended.json()[verdict] for verdict in ("integrity", "recomputation", "documents")]
        first = [verdict["first"] for verdict in verdicts if verdict["verdict"] == "differs"]
        must(bool(first) == (code == CORRUPT), lambda: str(ended))
        return first[0] if first else ""


def names_first(first, *parts):
    for part in parts:
        must(part in first, lambda: f"the first thing said to be wrong is `{first}` (nothing of `{part}`)")


def report_of(companies, engagement="soc1"):
    return companies.demo / "packages" / f"{engagement}-report.zip"


def examination_of(companies, engagement="soc1"):
    return companies.demo / "packages" / f"{engagement}-examination.zip"


@attack("an untouched package verifies, also when its zip is written anew")
def untouched(companies):
    for engagement in ("soc1", "soc2"):
        package = report_of(companies, engagement)
        verified(companies, package.read_bytes(), code=DONE)
        files = unpacked(package)
        must(listed_again(files) == files, "canonical JSON here is not the product's: forgeries would prove nothing")
        verified(companies, packed(files), code=DONE)


def one_figure_more(figures):
    """The figures with one exception fewer: what somebody would want to print."""
    test = next(name for name, of_test in sorted(figures["tests"].items()) if of_test["exceptions"])
    figures["tests"][test]["exceptions"] -= 1
    return test, figures


class House:
    """An organization that cheats: it holds its own key, so it can issue a package whose documents say what it likes."""

    def __init__(self, work):
        self.work = work
        self.key = work / "key.pem"
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", self.key)
        self.public = b"\x01" + self.openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")[-32:]

    @staticmethod
    def openssl(*arguments):
        return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout

    def signed(self, origin, note):
        """A signed note (C2SP) under the key that the ledger is opened with."""
        name = hashlib.sha256(origin.encode() + b"\n" + self.public).digest()[:4]
        text = self.work / "note"
        text.write_text(note)
        signature = self.openssl("pkeyutl", "-sign", "-inkey", self.key, "-rawin", "-in", text)
        return f"{note}\n\u2014 {origin} {base64.b64encode(name + signature).decode()}\n"

    def vkey(self, origin):
        name = hashlib.sha256(origin.encode() + b"\n" + self.public).digest()[:4]
        return f"{origin}+{name.hex()}+{base64.b64encode(self.public).decode()}"

    def issues(self, package, changed):
        """The package with other files, recorded as issued in a ledger that fits and nobody outside holds."""
        whole = unpacked(package)
        files = {**whole, **changed}
        for name in [name for name in files if name.startswith("documents/") and b'"provenance"' in files[name]]:
            document = json.loads(files[name])
            document["view"]["provenance"]["anchoring"] = "own_key_only"
            files[name] = canonical(document)
        disclosure = json.loads(whole[DISCLOSURE])
        origin, size, _ = disclosure["checkpoint"].split("\n")[:3]
        leaves = base64.b64decode(disclosure["leaf_hashes"])
        leaves = [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
        issued, instead = contents(whole), contents(files)
        for disclosed in disclosure["entries"]:
            entry = disclosed["entry"].replace(issued, instead)
            if '"kind":"ledger_opened"' in entry:
                opened = json.loads(entry)
                opened["body"]["vkey"] = self.vkey(origin)
                entry = canonical(opened).decode()
            disclosed["entry"] = entry
            leaves[disclosed["index"]] = hashlib.sha256(b"\0" + entry.encode()).digest()
        checkpoint = self.signed(origin, f"{origin}\n{size}\n{base64.b64encode(tree(leaves)).decode()}\n")
        disclosure |= {"anchors": [], "checkpoint": checkpoint, "leaf_hashes": base64.b64encode(b"".join(leaves)).decode()}
        return packed(listed_again({**files, DISCLOSURE: canonical(disclosure)}, checkpoint=checkpoint))


def contents(files):
    """The digest by which the ledger records what a package holds."""
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name not in (MANIFEST, DISCLOSURE)}
    return hashlib.sha256(canonical({"kind": "report", "files": listed})).hexdigest()


def tree(leaves):
    """The root over leaf hashes (RFC 6962, section 2.1)."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree(leaves[:left]) + tree(leaves[left:])).digest()


REPORT, TESTING = "documents/report.json", "documents/management-testing.json"


def firm_test_where(view, holds):
    return next(test for control in view["tests_of_controls"]["controls"] for test in control["tests"] if holds(test))


def deviates(test):
    return isinstance(test["result"], dict) and "deviations" in test["result"]


def fewer_deviations(view):
    firm_test_where(view, deviates)["result"]["deviations"][0]["count"]["figure"]["count"] -= 1


def larger_sample(view):
    sampled = firm_test_where(view, lambda test: "selection" in test["extent"])
    sampled["extent"]["selection"]["tested"]["figure"]["count"] += 20


def other_finding(view):
    firm_test_where(view, deviates)["result"]["deviations"][0]["description"]["prose"] += " Management corrected all of them at once."


def a_firm_test_left_out(view):
    next(control for control in view["tests_of_controls"]["controls"] if control["tests"])["tests"].pop()


def no_section_four(view):
    view["tests_of_controls"]["controls"] = []


def other_words_of_a_control(view):
    view["description"]["controls"][0]["statement"] = "Access is reviewed every day by three people."


def a_control_left_out(view):
    view["description"]["controls"].pop()


def other_description(view):
    view["description"]["overview"] = {"prose": "Nothing ever went wrong."}


def other_response(view):
    view["other_information"]["responses"][0]["text"]["prose"] += " It will not happen again."


def auditors_report(view):
    view["auditor_report"]["issued"]["text"]["prose"] += " No exceptions were noted."


def fewer_exceptions(view):
    test = next(t for c in view["controls"] for t in c["tests"] if "exceptions" in t["outcome"])
    test["outcome"]["exceptions"]["exceptions"]["figure"]["count"] -= 1


def no_control_tests(view):
    for control in view["controls"]:
        control["tests"] = []


def better_score(view):
    view["scores"][0]["met"]["figure"]["count"] += 1


def more_rows(view):
    view["sources"][0]["rows"]["figure"]["count"] += 1


def an_exception_left_out(view):
    view["exceptions"].pop()


def exception_withdrawn(view):
    next(row for row in view["exceptions"] if row["state"] != "WITHDRAWN")["state"] = "WITHDRAWN"


def another_renderer(package):
    renderer = json.loads(unpacked(package)["documents/renderer.json"]) | {"engine": "typst 0.1.0"}
    return {"documents/renderer.json": canonical(renderer)}


def words_of_the_firm(view):
    view["tests_of_controls"]["introduction"] = {"prose": "We tested everything and found nothing."}


def another_firm_signs(view):
    view["auditor_report"]["issued"]["signed_by"] = "A firm that everybody knows LLP"


def section_five(view):
    view["other_information"]["sections"] = [{"title": "Award", "text": {"prose": "The best year so far."}}]


def control_always_so(view):
    view["description"]["controls"][0]["since"] = "2025-11-01"


def a_conclusion(view):
    said = {"text": {"prose": "It operated effectively."}, "by": "Auditor", "on": "2026-10-01"}
    view["controls"][0]["conclusion"] = said


def exception_gone(view):
    view["exceptions"][0]["gone_on"] = "2026-01-01"


FORGERIES = [
    (REPORT, fewer_deviations, "the deviations of the firm's test"),
    (REPORT, larger_sample, "the items tested of the firm's test"),
    (REPORT, other_finding, "the finding of the firm's test"),
    (REPORT, a_firm_test_left_out, "the firm's tests in Section IV"),
    (REPORT, no_section_four, "the firm's tests in Section IV"),
    (REPORT, other_words_of_a_control, "the statement of"),
    (REPORT, a_control_left_out, "the controls of Section III"),
    (REPORT, other_description, "the system description"),
    (REPORT, auditors_report, "the service auditor's report"),
    (REPORT, other_response, "management's response to"),
    (REPORT, words_of_the_firm, "the firm's words in Section IV"),
    (REPORT, another_firm_signs, "the firm that signed Section I"),
    (REPORT, section_five, "the sections of Section V"),
    (REPORT, control_always_so, "since when"),
    (TESTING, a_conclusion, "the conclusion on"),
    (TESTING, exception_gone, "the day it was gone"),
    (TESTING, fewer_exceptions, "the exceptions of the control test"),
    (TESTING, no_control_tests, "the control tests of"),
    (TESTING, better_score, "the score of design"),
    (TESTING, more_rows, "the rows of the source of"),
    (TESTING, an_exception_left_out, "the exceptions of management's testing"),
    (TESTING, exception_withdrawn, "the state of the exception"),
]


@attack("the organization issues a package whose documents say other than its entries: the first difference is named")
def documents_say_otherwise(companies):
    with companies.place() as work:
        house = House(work)
        package = report_of(companies)
        verified(companies, house.issues(package, another_renderer(package)), code=INCOMPLETE)
        for name, change, named in FORGERIES:
            document = json.loads(unpacked(package)[name])
            change(document["view"])
            names_first(verified(companies, house.issues(package, {name: canonical(document)})), named)


@attack("the organization issues a package with other PDFs and names another renderer: they are not called the same")
def other_renderer_named(companies):
    with companies.place() as work:
        house = House(work)
        package = report_of(companies)
        forged = {**another_renderer(package), "documents/report.pdf": b"%PDF-1.7\nno exceptions\n"}
        verified(companies, house.issues(package, forged), code=INCOMPLETE)


@attack("one figure changed: the file is named")
def figure_changed(companies):
    files = unpacked(report_of(companies))
    _, figures = one_figure_more(json.loads(files[FIGURES]))
    names_first(verified(companies, packed({**files, FIGURES: canonical(figures)})), FIGURES)


@attack("one figure changed and the list of files made to fit: not the package whose issue the ledger records")
def figure_forged(companies):
    files = unpacked(report_of(companies))
    _, figures = one_figure_more(json.loads(files[FIGURES]))
    forged = listed_again({**files, FIGURES: canonical(figures)})
    names_first(verified(companies, packed(forged)), "issue entry", "records")


@attack("bytes of a document changed, with and without the list made to fit: named")
def document_changed(companies):
    files = unpacked(report_of(companies))
    for name in ("documents/report.pdf", "documents/management-testing.pdf"):
        changed = bytearray(files[name])
        changed[len(changed) // 2] ^= 1
        changed = {**files, name: bytes(changed)}
        names_first(verified(companies, packed(changed)), name)
        names_first(verified(companies, packed(listed_again(changed))), "issue entry")


@attack("the data behind a document changed, with and without the list made to fit: named")
def view_changed(companies):
    files = unpacked(report_of(companies))
    name = "documents/management-testing.json"
    changed = re.sub(rb'"exceptions":"?\d+', lambda m: m[0][:-1] + b"%d" % ((m[0][-1] - 47) % 10), files[name], count=1)
    if changed == files[name]:
        changed = re.sub(rb"\d", lambda m: b"%d" % ((m[0][0] - 47) % 10), files[name], count=1)
    must(changed != files[name] and json.loads(changed), "the view was not changed")
    names_first(verified(companies, packed({**files, name: changed})), name)
    names_first(verified(companies, packed(listed_again({**files, name: changed}))), "issue entry")


def disclosure_changed(companies, change):
    """A package whose proofs somebody changed and whose list fits."""
    files = unpacked(report_of(companies))
    disclosure = json.loads(files[DISCLOSURE])
    change(disclosure)
    must(canonical(disclosure) != files[DISCLOSURE], "the proofs were not changed")
    return verified(companies, packed(listed_again({**files, DISCLOSURE: canonical(disclosure)})))


def disclosed(disclosure, word):
    """Places of disclosed entries that hold a word."""
    return [at for at, entry in enumerate(disclosure["entries"]) if word in entry.get("entry", "")]


@attack("an entry left out of the disclosure: named")
def entry_left_out(companies):
    first = disclosure_changed(companies, lambda d: d["entries"].pop(disclosed(d, "TestPerformed")[0] if disclosed(d, "TestPerformed") else 9))
    must(re.search(r"stream|entry|proof|leaf|disclos", first), f"this says nothing of an entry: {first}")


@attack("every disclosed entry left out in turn: each is missed")
def every_entry_left_out(companies):
    count = len(json.loads(unpacked(report_of(companies))[DISCLOSURE])["entries"])
    random = companies.random("left out")

    def one(at):
        disclosure_changed(companies, lambda d: d["entries"].pop(at))

    chosen = sorted(random.sample(range(count), min(24, count)))
    all_well([(at, complaint) for at, complaint in side_by_side_alone(one, chosen)])
    return f"{len(chosen)} of {count}"


def side_by_side_alone(work, items):
    """One after the other: what is verified has its own folder for temporary files, which the environment names."""
    judged = []
    for item in items:
        try:
            work(item)
            judged.append((item, None))
        except Wrong as wrong:
            judged.append((item, str(wrong)))
    return judged


@attack("a disclosed entry withheld as a mere leaf hash: its stream has a gap")
def entry_withheld(companies):
    def withhold(disclosure):
        at = disclosed(disclosure, '"stream":"engagement/')[2]
        entry = disclosure["entries"][at]
        leaf = hashlib.sha256(b"\0" + entry["entry"].encode()).digest()
        hidden = [name for name in disclosure if name not in ("entries", "anchors", "checkpoint") and isinstance(disclosure[name], list)]
        for name in hidden:
            shown = [item for item in disclosure[name] if isinstance(item, dict) and "index" in item]
            if shown and len(shown[0]) == 2:
                value = next(key for key in shown[0] if key != "index")
                encoded = leaf.hex() if len(shown[0][value]) == 64 else base64.b64encode(leaf).decode()
                disclosure[name].append({"index": entry["index"], value: encoded})
                disclosure[name].sort(key=lambda item: item["index"])
        disclosure["entries"].pop(at)

    must(disclosure_changed(companies, withhold), "nothing was said")


@attack("the text of a disclosed entry changed: named")
def entry_changed(companies):
    def change(disclosure):
        at = disclosed(disclosure, '"exceptions":')[0]
        one_more = lambda told: f'"exceptions":{int(told[1]) + 1}'
        disclosure["entries"][at]["entry"] = re.sub(r'"exceptions":(\d+)', one_more, disclosure["entries"][at]["entry"], count=1)

    must(disclosure_changed(companies, change), "nothing was said")


@attack("a newer checkpoint put in place of the package's own: named")
def other_checkpoint(companies):
    files = unpacked(report_of(companies))
    other = json.loads(unpacked(report_of(companies, "soc2"))[MANIFEST])["checkpoint"]
    must(other != json.loads(files[MANIFEST])["checkpoint"], "both packages have one checkpoint")
    names_first(verified(companies, packed(listed_again(files, checkpoint=other))), "checkpoint")


@attack("another engagement, organization or kind written on the package: named")
def other_head(companies):
    files = unpacked(report_of(companies))
    for head in ({"engagement": "soc2"}, {"organization": "acme"}, {"kind": "examination"}):
        first = verified(companies, packed(listed_again(files, **head)))
        must(re.search(r"organization|issue|engagement|kind", first), f"{head}: {first}")


@attack("a file added: named, listed or not")
def file_added(companies):
    files = unpacked(report_of(companies))
    names_first(verified(companies, packed({**files, "documents/opinion.pdf": b"%PDF-1.7"})), "documents/opinion.pdf")
    names_first(verified(companies, packed(listed_again({**files, "documents/opinion.pdf": b"%PDF-1.7"}))), "issue entry")


@attack("a file removed: named, listed or not")
def file_removed(companies):
    files = unpacked(report_of(companies))
    for name in sorted(set(files) - {MANIFEST}):
        left = {other: data for other, data in files.items() if other != name}
        names_first(verified(companies, packed(left)), name)
        must(verified(companies, packed(listed_again(left))), "nothing was said")
    must("package.json" in verified(companies, packed({n: d for n, d in files.items() if n != MANIFEST})), "no list, nothing said")


@attack("one name twice: refused, also with other case")
def names_twice(companies):
    files = unpacked(report_of(companies))
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twice = packed([*files.items(), (FIGURES, files[FIGURES].replace(b"1", b"2"))])
    names_first(verified(companies, twice), "two entries of one name")
    upper = listed_again({**files, FIGURES.upper(): b"{}"})
    first = verified(companies, packed(upper))
    must(re.search(r"case|may not stand", first), first)


@attack("names that lead out of a folder: refused before anything is read, and nothing is written")
def names_that_leave(companies):
    files = unpacked(report_of(companies))
    for name in ("../escaped.txt", "documents/../../escaped.txt", "/tmp/escaped.txt", "..\\escaped.txt", "C:\\escaped.txt",
                 "documents//escaped.txt", "./escaped.txt", "documents/.", "a\x1b[31mred.txt"):  # fmt: skip
        forged = packed(listed_again({**files, name: b"escaped"}))
        names_first(verified(companies, forged), "may not stand in a package")
        with companies.place() as place:
            package = place / "package.zip"
            package.write_bytes(forged)
            shown = tickmark("verify", package, ok=CORRUPT)
            must("\x1b" not in shown.out + shown.err, lambda: f"a name of the package writes on the terminal: {shown.out!r}")


@attack("control characters in what a package says of itself do not reach the terminal")
def terminal(companies):
    files = unpacked(report_of(companies))
    for head in ({"organization": "\x1b[2Jacme"}, {"engagement": "\x1b]0;soc1\x07"}, {"format": "\x1b[31m"}):
        with companies.place() as place:
            package = place / "package.zip"
            package.write_bytes(packed(listed_again(files, **head)))
            shown = tickmark("verify", package, ok=CORRUPT)
            must("\x1b" not in shown.out + shown.err, lambda: f"{head} writes on the terminal: {shown.out[:200]!r}")


@attack("a file that unpacks to a thousand times its size: refused in seconds and in little memory")
def bomb(companies):
    files = unpacked(report_of(companies))
    large = bytes(1 << 28)
    for name, listed in (("documents/report.pdf", False), ("figures/bomb.json", True)):
        bombed = {**files, name: large}
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as zipped:
            for entry, data in (listed_again(bombed) if listed else bombed).items():
                zipped.writestr(zipfile.ZipInfo(entry), data, zipfile.ZIP_DEFLATED)
        must(len(written.getvalue()) < 8 << 20, "the bomb is not small")
        must(verified(companies, written.getvalue()), "nothing was said")
    # A size that lies: the zip says little, the bytes go on.
    small = packed({**files, FIGURES: bytes(1 << 24)})
    lying = small.replace(struct.pack("<I", 1 << 24), struct.pack("<I", len(files[FIGURES])))
    must(lying != small, "the size was not found")
    must(verified(companies, lying), "nothing was said")


@attack("a package cut short, or with bytes before or after: refused")
def cut_short(companies):
    whole = report_of(companies).read_bytes()
    random = companies.random("cut short")
    for size in (0, 1, 21, 22, 1000, len(whole) - 1, *(random.randrange(len(whole)) for _ in range(8))):
        must(verified(companies, whole[:size]), "nothing was said")
    must(verified(companies, whole + b"\0"), "nothing was said")
    must(verified(companies, b"#!/bin/sh\n" + whole), "nothing was said")


def named_or_harmless(companies, whole, changed, *options):
    """`verify` names the change; or it lies where a zip says what nobody reads (times, attributes), and every file has the
    bytes and the name that it had. Gives whether it was named."""
    try:
        must(verified(companies, changed, *options), "nothing was said")
        return True
    except Wrong:
        try:
            same = unpacked(io.BytesIO(changed)) == unpacked(io.BytesIO(whole))
        except (NotImplementedError, zipfile.BadZipFile):
            # The bit says how a zip is to be read (the version needed, the size of its directory), and this reader heeds
            # what the product's does not; the product found each file under its digest.
            same = True
        if not same:
            raise
        verified(companies, changed, *options, code=DONE)
        return False


@attack("one flipped bit anywhere in a report package is named, or changes no file")
def bits_of_a_report(companies):
    whole = report_of(companies).read_bytes()
    random = companies.random("bits of a report")

    def one(bit):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        named.append(named_or_harmless(companies, whole, bytes(flipped)))

    named = []
    # Half of them in the directory at the end, where little is data.
    directory = whole.index(b"PK\x01\x02")
    bits = [random.randrange(len(whole) * 8) for _ in range(20)]
    bits += [random.randrange(directory * 8, len(whole) * 8) for _ in range(20)]
    all_well(side_by_side_alone(one, bits))
    # Of the bits in files, each has to be named.
    must(sum(named) > len(bits) / 2, f"only {sum(named)} of {len(bits)} were named")
    return f"{sum(named)} named, {len(bits) - sum(named)} without meaning"


@attack("files of another engagement's package mixed in: named")
def other_engagement(companies):
    files, other = unpacked(report_of(companies)), unpacked(report_of(companies, "soc2"))
    for name in (FIGURES, DISCLOSURE, "documents/report.pdf"):
        names_first(verified(companies, packed({**files, name: other[name]})), name)
        must(verified(companies, packed(listed_again({**files, name: other[name]}))), "nothing was said")


@attack("a report package holds no row and no person: none of the addresses and accounts of the identity provider")
def report_holds_no_person(companies):
    systems = companies.demo / "systems"
    accounts = [json.loads(line) for file in systems.glob("idp/accounts-*.jsonl") for line in file.read_text().splitlines()]
    people = {account["email"] for account in accounts} | {account["account_id"] for account in accounts}
    must(len(people) > 50, f"only {len(people)} people to look for")
    for engagement in ("soc1", "soc2"):
        for name, data in unpacked(report_of(companies, engagement)).items():
            found = next((person for person in people if person.encode() in data), None)
            must(not found, f"`{name}` of {engagement} holds `{found}`")
    return f"{len(people)} looked for"


@attack("what is no package at all: refused with words")
def no_package(companies):
    for data in (b"", b"PK", os.urandom(4096), packed({"a.txt": b"a"}), packed({MANIFEST: b"{}"}), packed({MANIFEST: b"\xff"}),
                 packed({MANIFEST: b"[" * 200_000})):  # fmt: skip
        must(verified(companies, data), "nothing was said")
    says(tickmark("verify", companies.root / "not there.zip", ok=FAILED), "not there.zip")


@attack("a ledger key that is not the package's: the signature is named")
def other_ledger_key(companies):
    key = json.loads(unpacked(report_of(companies))[DISCLOSURE])["checkpoint"].splitlines()[0]
    with companies.place() as place:
        made = tickmark("--format", "json", "init", "--dir", place / "other", "--organization", "harbor-lane", "--name", "H",
                        "--administrator", "A", "--mail", "a@h.example", ok=DONE).json()  # fmt: skip
    must(made["ledger_key"].startswith(key), "the other key has another name, and is refused for that")
    first = verified(companies, report_of(companies).read_bytes(), "--ledger-key", made["ledger_key"])
    must(re.search(r"key|sign", first), first)
    right = companies.said["ledger_key"]
    verified(companies, report_of(companies).read_bytes(), "--ledger-key", right, code=DONE)
    must(verified(companies, report_of(companies).read_bytes(), "--ledger-key", "nonsense", code=FAILED), "nothing was said")


FIRM_KEY = "firm/firm.key"


@attack("an untouched examination package opens with the firm's key, and with no other")
def firm_key(companies):
    whole = examination_of(companies).read_bytes()
    verified(companies, whole, "--firm-key", companies.demo / FIRM_KEY, code=DONE)
    names_first(verified(companies, whole, code=FAILED), "sealed to the firm key")
    with companies.place() as place:
        other = companies.demo / FIRM_KEY
        text = other.read_text()
        # Another key of the same form: one digit of the secret changed.
        digits = [at for at, letter in enumerate(text) if letter in "0123456789abcdef"]
        at = digits[-5]
        forged = place / "other.key"
        forged.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :])
        forged.chmod(0o600)
        ended = tickmark("verify", examination_of(companies), "--firm-key", forged)
        must(ended.code in (FAILED, CORRUPT), lambda: str(ended))
        must(re.search(r"firm key|sealed to", ended.out + ended.err), lambda: str(ended))
        forged.chmod(0o644)
        ended = tickmark("verify", examination_of(companies), "--firm-key", forged, ok=FAILED)
        says(ended, "other.key")


@attack("one flipped byte anywhere in an examination package is named, or changes no file")
def bits_of_an_examination(companies):
    whole = examination_of(companies).read_bytes()
    random = companies.random("bytes of an examination")

    def one(at):
        flipped = bytearray(whole)
        flipped[at] ^= random.randrange(1, 256)
        named.append(named_or_harmless(companies, whole, bytes(flipped), "--firm-key", companies.demo / FIRM_KEY))

    named = []
    # The last ones in the zip's directory, where the package says whose it is.
    places = [random.randrange(len(whole)) for _ in range(16)] + [random.randrange(len(whole) - 200, len(whole)) for _ in range(4)]
    all_well(side_by_side_alone(one, places))
    must(sum(named) >= 14, f"only {sum(named)} of {len(places)} were named")
    return f"{sum(named)} named, {len(places) - sum(named)} without meaning"


@attack("an examination package cut short is refused")
def examination_cut_short(companies):
    whole = examination_of(companies).read_bytes()
    random = companies.random("examination cut short")
    for size in (random.randrange(len(whole)), len(whole) - 1, 100):
        must(verified(companies, whole[:size], "--firm-key", companies.demo / FIRM_KEY), "nothing was said")


@attack("another engagement's sealed part in an examination package: refused")
def examination_mixed(companies):
    files, other = unpacked(examination_of(companies)), unpacked(examination_of(companies, "soc2"))
    (sealed,) = (name for name in files if name.endswith(".bin"))
    key = "--firm-key", companies.demo / FIRM_KEY
    verified(companies, packed(files), *key, code=DONE)
    must(verified(companies, packed({**files, sealed: other[sealed]}), *key), "nothing was said")
    # Both parts of the other one under this one's name are a package of the other one, and it says so.
    must("soc2" in tickmark("--format", "json", "verify", examination_of(companies, "soc2"), *key, ok=DONE).out, "whose is it?")


# Pairs every payslip with every other one: as long as anybody likes, with as many payslips.
SLOW = """WITH slow AS (
    SELECT a.payslip_id FROM payslip AS a
    INNER JOIN payslip AS b ON character_length(concat(a.payslip_id, a.employee_id, a.run_id, b.payslip_id, b.employee_id, b.run_id)) > 1
),
"""


@attack("SQL of an examination package that takes its time is ended, and the verdict is that nobody knows")
def slow_sql(companies):
    key = "--firm-key", companies.demo / FIRM_KEY
    with companies.copy() as house, companies.place() as place:
        catalog = shutil.copytree(pathlib.Path(__file__).parents[2] / "catalog", place / "catalog")
        query = catalog / "tests" / "training-on-time" / "test.sql"
        sql = query.read_text()
        slow = sql.replace("WITH ", SLOW, 1).rstrip() + "\n  AND (SELECT count(*) FROM slow) <> 1\n"
        must(sql.count("WITH ") == 1 and sql.rstrip().endswith(")"), "the query is another one by now")
        query.write_text(slow)
        # Nobody puts another control test in force alone.
        tickmark("catalog", "adopt", catalog, "--dir", house, "--as", ADMINISTRATOR, ok=REFUSED)
        tickmark("catalog", "propose", catalog, "--dir", house, "--as", ADMINISTRATOR, ok=DONE)
        tickmark("catalog", "adopt", catalog, "--dir", house, "--as", ADMINISTRATOR, ok=REFUSED)
        tickmark("catalog", "propose", catalog, "--dir", house, "--as", LEAD, ok=DONE)
        tickmark("catalog", "adopt", catalog, "--dir", house, "--as", ADMINISTRATOR, ok=DONE)
        # With room for the query the organization gets a result that is right.
        tickmark("test", "--dir", house, "--as", LEAD, "--seconds", 600, ok=INCOMPLETE, seconds=600)
        tickmark("report", "--dir", house, "--as", LEAD, "--engagement", "soc2", ok=DONE)
        package = house / "packages" / "soc2-examination.zip"
        began = time.monotonic()
        ended = tickmark("--format", "json", "verify", package, *key, "--seconds", 1, ok=INCOMPLETE)
        took = time.monotonic() - began
        verdicts = ended.json()
        must([verdicts[name]["verdict"] for name in ("integrity", "recomputation", "documents")] == ["holds", "not-done", "holds"], lambda: str(ended))
        names_first(verdicts["recomputation"]["because"], "`training-on-time` could not be performed again", "1 s")
        performed = tickmark("--format", "json", "firm", "perform", package, *key, "--seconds", 1, ok=INCOMPLETE).json()
        beside = {test["test"]: test["beside_managements"] for test in performed["tests"]}
        must(beside["training-on-time"] == "not-performed", f"beside management's: {beside['training-on-time']}")
        verified = tickmark("--format", "json", "verify", package, *key, "--seconds", 600, ok=DONE, seconds=600)
        must("same rows" in verified.json()["recomputation"]["says"], lambda: str(verified))
        return f"ended in {took:.0f} s"


@attack("a report package given with the firm's key is verified as what it is")
def report_with_firm_key(companies):
    ended = tickmark(
        "--format", "json", "verify", report_of(companies), "--firm-key", companies.demo / FIRM_KEY, ok=DONE
    ).json()
    must(ended["kind"] == "report", f"it is called {ended['kind']}")
    must("not performed again" in ended["recomputation"]["says"], "it claims that control tests were performed again")
    tickmark("verify", report_of(companies), "--nonsense", ok=ARGUMENTS)


@attack("a witness that never saw the ledger proves nothing, and the answer says so")
def other_witness(companies):
    package = report_of(companies)
    known = tickmark("--format", "json", "verify", package, "--witness", companies.demo / "firm" / "witness.key", ok=DONE)
    must("held by" in known.json()["ledger"]["anchoring"], lambda: str(known))
    with companies.place() as place:
        stranger = place / "stranger.key"
        stranger.write_text(companies.said["ledger_key"])
        unknown = tickmark("--format", "json", "verify", package, "--witness", stranger, ok=(DONE, FAILED))
        must("held by" not in unknown.out, lambda: str(unknown))
