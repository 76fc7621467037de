"""What belongs to one organization is nothing to another: keys, vaults, ledgers, packages, people, sign-ins.

Three installations: the company, another one of the same name (another demo), and one of another name. Each refusal has a
control beside it: the same act with what belongs there succeeds.
"""
import contextlib
import http.client
import json
import re
import shutil
import socket
import subprocess
import time

from harness import (
    ADMINISTRATOR, CORRUPT, DONE, FAILED, LEAD, REFUSED, SCALE, TICKMARK, attack, environment, facts, is_sound, ledger, must, says,
    tickmark, vault,
)  # fmt: skip
from packages import FIGURES, examination_of, listed_again, packed, report_of, unpacked, verified


def twin(companies):
    """A company with the same id and people that is another one."""
    folder = companies.root / "twin"
    if not folder.exists():
        made = tickmark("--format", "json", "demo", "--dir", folder, "--scale", SCALE, "--seed", "4711", ok=DONE)
        companies.twin_said = made.json()
    return folder


def other(companies):
    """An organization of another name."""
    folder = companies.root / "acme"
    if not folder.exists():
        tickmark("init", "--dir", folder, "--organization", "acme", "--name", "Acme", "--administrator", "Ann", "--mail", "a@acme.example", ok=DONE)
    return folder


def replaced(company, name, source):
    target = company / name
    if target.is_dir():
        shutil.rmtree(target)
        shutil.copytree(source, target)
    else:
        target.unlink()
        shutil.copy(source, target)


def does_not_open(company, *words):
    ended = tickmark("status", "--dir", company)
    must(ended.code in (FAILED, CORRUPT), lambda: f"it opens: {ended}")
    must(not words or any(re.search(word, ended.out + ended.err, re.I) for word in words), lambda: str(ended))


@attack("another installation's sealing key does not open this one")
def sealing_key(companies):
    with companies.copy() as company:
        is_sound(company)
        replaced(company, "keys/sealing.key", twin(companies) / "keys" / "sealing.key")
        does_not_open(company, "sealing key")


@attack("another installation's signing keys do not sign here")
def signing_keys(companies):
    with companies.copy() as company:
        replaced(company, "keys/harbor-lane.signing-key", twin(companies) / "keys" / "harbor-lane.signing-key")
        does_not_open(company)


@attack("another installation's vault does not stand in for this one's")
def whole_vault(companies):
    with companies.copy() as company:
        replaced(company, "vault", twin(companies) / "vault")
        does_not_open(company, "sealing key")


@attack("a vault of another name does not stand in for this one's")
def vault_of_another_name(companies):
    with companies.copy(other(companies)) as acme, companies.copy() as company:
        shutil.rmtree(acme / "vault" / "acme")
        shutil.copytree(company / "vault" / "harbor-lane", acme / "vault" / "acme")
        shutil.copy(company / "keys" / "sealing.key", acme / "keys" / "sealing.key")
        does_not_open(acme, "namespace", "acme")


@attack("another installation's ledger of the same name is not taken for this one's")
def whole_ledger(companies):
    with companies.copy() as company:
        replaced(company, "ledger.db", twin(companies) / "ledger.db")
        ended = tickmark("collect", "--dir", company, "--as", ADMINISTRATOR, "--first", "2026-09-01", "--last", "2026-09-30")
        must(ended.code not in (DONE, 5), lambda: f"it was written on: {ended}")
        # Reading it does no harm only if the check, which has this house's key, says so.
        checked = ledger(company, "check")
        must(checked.code == CORRUPT, lambda: f"another house's ledger checks well here: {checked}")


@attack("a ledger of another name is not opened")
def ledger_of_another_name(companies):
    with companies.copy(other(companies)) as acme:
        replaced(acme, "ledger.db", companies.demo / "ledger.db")
        does_not_open(acme, "tickmark/acme")


@attack("settings that name another organization open nothing of it")
def settings(companies):
    with companies.copy() as company:
        settings = company / "tickmark.toml"
        settings.write_text(settings.read_text().replace("harbor-lane", "acme"))
        does_not_open(company)
        for organization in ("../harbor-lane", "harbor-lane/../harbor-lane", ""):
            settings.write_text(f'format = 1\norganization = "{organization}"\n')
            does_not_open(company)


@attack("an object of another vault put into this one is found")
def foreign_object(companies):
    strange = next(path for path in sorted((twin(companies) / "vault").glob("*/objects/*/*.sealed")))
    with companies.copy() as company:
        shutil.copy(strange, company / "vault" / "harbor-lane" / "objects" / strange.parent.name / strange.name)
        says(vault(company, "check", ok=CORRUPT), strange.name.partition(".")[0])


@attack("evidence of another organization is unknown here, whatever is asked for it by its digest")
def foreign_digests(companies):
    manifests = [event["manifest"] for _, entry in facts(twin(companies)) for event in entry["body"].get("events", ()) if "manifest" in event]
    own = [event["manifest"] for _, entry in facts(companies.demo) for event in entry["body"].get("events", ()) if "manifest" in event]
    must(manifests and not set(manifests) & set(own), "the two companies share evidence")
    with companies.copy() as company:
        for act in (("erase", manifests[0], "--reason", "x"), ("hold", manifests[0], "--reason", "x")):
            says(vault(company, *act, ok=FAILED), manifests[0])
        before = facts(company)
        is_sound(company)
        must(facts(company) == before, "something was recorded")
        vault(company, "hold", own[0], "--reason", "x", ok=DONE)


@attack("people, engagements and exceptions of another organization are unknown here")
def foreign_ids(companies):
    with companies.copy(other(companies)) as acme:
        is_sound(acme)
        before = facts(acme)
        shutil.copy(companies.demo / "sources" / "registers.toml", acme / "sources")
        for act in (
            ("collect", "--as", ADMINISTRATOR, "--first", "2026-09-01", "--last", "2026-09-30", "--approve"),
            ("report", "--as", LEAD, "--engagement", "soc1"),
            ("report", "--engagement", "soc1"),
            ("exceptions", "--rows", "mfa-on:1"),
            ("exception", "respond", "mfa-on:1", "--as", LEAD, "--text", "x"),
        ):
            ended = tickmark(*act, "--dir", acme)
            must(ended.code in (FAILED, REFUSED) and ended.err.strip(), lambda: str(ended))
        must(facts(acme) == before, "something was recorded")


@attack("a package of the other company: refused under this one's ledger key, and never called this one's")
def foreign_package(companies):
    package = (twin(companies) / "packages" / "soc1-report.zip").read_bytes()
    verified(companies, package, "--ledger-key", companies.twin_said["ledger_key"], code=DONE)
    first = verified(companies, package, "--ledger-key", companies.said["ledger_key"])
    must(re.search("key|sign", first), first)


@attack("files of the other company's package mixed in: named")
def foreign_files(companies):
    files, strange = unpacked(report_of(companies)), unpacked(twin(companies) / "packages" / "soc1-report.zip")
    for name in sorted(set(files) - {"package.json"}):
        if files[name] != strange[name]:
            must(verified(companies, packed(listed_again({**files, name: strange[name]}))), f"{name}: nothing was said")
    must(files[FIGURES] != strange[FIGURES], "the two companies have the same figures")


@attack("the other company's firm's key does not open this one's examination package")
def foreign_firm_key(companies):
    own, strange = companies.demo / "firm" / "firm.key", twin(companies) / "firm" / "firm.key"
    must(own.read_text() != strange.read_text(), "both firms have one key")
    tickmark("verify", examination_of(companies), "--firm-key", own, ok=DONE)
    first = verified(companies, examination_of(companies).read_bytes(), "--firm-key", strange)
    must("firm key" in first, first)


@attack("a checkpoint of the other company taken in as this one's anchor: refused")
def foreign_anchor(companies):
    text = tickmark("--format", "json", "ledger", "--dir", twin(companies), "checkpoint", ok=DONE).json()
    with companies.copy() as company:
        mail = company / "checkpoint.eml"
        mail.write_text(f"From: box@outside.example\nTo: a@harborlane.example\nSubject: {text['subject']}\n\n{text['body']}")
        before = tickmark("--format", "json", "ledger", "--dir", company, "head", ok=DONE).json()["anchors"]
        ended = ledger(company, "--as", ADMINISTRATOR, "mail", mail)
        must(ended.code in (FAILED, REFUSED, CORRUPT), lambda: str(ended))
        after = tickmark("--format", "json", "ledger", "--dir", company, "head", ok=DONE).json()["anchors"]
        must(before == after, "the other company's checkpoint is an anchor now")
        ledger(company, "check", ok=DONE)


@contextlib.contextmanager
def serving(company):
    """The web application of an installation; gives a function that asks for a page."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [TICKMARK, "serve", "--dir", company, "--listen", f"127.0.0.1:{port}"], env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def ask(path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")

    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                if ask("/healthz")[0] == 200:
                    break
            time.sleep(0.05)
        else:
            must(False, "the web application did not start")
        yield ask
    finally:
        process.terminate()
        process.wait()


@attack("a sign-in of the other company signs in nobody here, neither its link nor its cookie")
def foreign_sign_in(companies):
    strange = twin(companies)
    own, foreign = companies.said["sign_ins"][0]["token"], companies.twin_said["sign_ins"][0]["token"]
    with serving(companies.demo) as ask, serving(strange) as ask_twin:
        status, headers, _ = ask(f"/sign-in/{own}")
        must(status in (302, 303), f"the own sign-in gives {status}")
        cookie = next(value for name, value in headers.items() if name.lower() == "set-cookie").partition(";")[0]
        must(ask("/", Cookie=cookie)[0] == 200, "the own cookie shows no page")
        status, headers, _ = ask_twin(f"/sign-in/{foreign}")
        strange_cookie = next(value for name, value in headers.items() if name.lower() == "set-cookie").partition(";")[0]
        must(ask_twin("/", Cookie=strange_cookie)[0] == 200, "the other company's cookie shows no page there")
        status, headers, page = ask(f"/sign-in/{foreign}")
        must(status in (401, 403, 404) and not any(name.lower() == "set-cookie" for name in headers), f"{status}: {page[:200]}")
        for wrong in (strange_cookie, cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), cookie.partition("=")[0] + "=", None):
            status, _, page = ask("/", **({"Cookie": wrong} if wrong else {}))
            must(status != 200 or "Harbor Lane" not in page, f"with the cookie {wrong}: {status}")


@attack("a checkpoint of a ledger that this installation does not know is not cosigned")
def foreign_witness(companies):
    checkpoint = json.loads(unpacked(twin(companies) / "packages" / "soc1-report.zip")["ledger/disclosure.json"])["checkpoint"]
    with serving(companies.demo) as ask:
        status, _, answer = ask("/add-checkpoint", "POST", f"old 0\n\n{checkpoint}".encode())
        must(status in (403, 404), f"{status}: {answer}")
        must("—" not in answer, "there is a signature in the answer")
