"""Checks an examination package that was laid open (README.md), with tools that are not Tickmark's.

usage: python check.py [TEST ...]        in the folder; without names every control test
needs: duckdb, pymerkle, cryptography    from PyPI

Ends with 0 if everything agrees, 1 if something does not.
"""
import base64
import hashlib
import json
import pathlib
import re
import sys

import duckdb
import pymerkle
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).resolve().parent
wrong = []


def must(holds, what):
    if not holds:
        wrong.append(what)
        print(f"WRONG  {what}")


def sha256(data):
    return hashlib.sha256(data).digest()


# 1. Every file of the package is the one that package.json lists.

def check_files():
    listed = json.loads((HERE / "package/package.json").read_text())["files"]
    for path, entry in listed.items():
        data = (HERE / "package" / path).read_bytes()
        must(sha256(data).hex() == entry["digest"], f"package/{path} has another SHA-256 than package.json lists")
    print(f"files    {len(listed)} files of the package have the SHA-256 that package.json lists")


# 2. Every disclosed entry leads to the root that the ledger's key signed (RFC 6962, C2SP signed note).

def path_to_root(leaves, index):
    """The hashes beside the way from a leaf to the root: each with 0 if it stands right of the way, 1 if left of it."""
    if len(leaves) == 1:
        return [], []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    if index < half:
        rule, beside = path_to_root(left, index)
        return rule + [0], beside + [root_of(right)]
    rule, beside = path_to_root(right, index - half)
    return rule + [1], beside + [root_of(left)]


known_roots = {}


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    key = (leaves[0], leaves[-1], len(leaves))
    if key not in known_roots:
        half = 1 << (len(leaves) - 1).bit_length() - 1
        known_roots[key] = sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:]))
    return known_roots[key]


def check_ledger():
    disclosure = json.loads((HERE / "package/ledger/disclosure.json").read_text())
    text, signatures = disclosure["checkpoint"].split("\n\n", 1)
    origin, size, root = text.split("\n")[:3]
    size, root = int(size), base64.b64decode(root)
    hashes = base64.b64decode(disclosure["leaf_hashes"])
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    must(len(leaves) == size, f"{len(leaves)} leaf hashes, and the checkpoint is of {size} entries")
    for disclosed in disclosure["entries"]:
        index, entry = disclosed["index"], disclosed["entry"].encode()
        rule, beside = path_to_root(leaves, index)
        leaf = sha256(b"\0" + entry)
        # pymerkle counts leaves from one, and checks the way that the place prescribes.
        proof = pymerkle.InclusionProof("sha256", True, size, index + 1, [*rule, 0], [leaf, *beside])
        try:
            pymerkle.verify_inclusion(leaf, root, proof, index=index + 1, size=size, algorithm="sha256")
        except pymerkle.InvalidProof as reason:
            must(False, f"entry {index} does not lead to the signed root: {reason}")
    # The keys stand in the disclosed stream `ledger`; the newest one signed this checkpoint.
    keys = [key for disclosed in disclosure["entries"] for key in re.findall(r'"vkey":"([^"]+)"', disclosed["entry"])]
    signed = False
    for name, key in ((key.split("+")[0], base64.b64decode(key.split("+", 2)[2])) for key in keys):
        for line in signatures.splitlines():
            _, signer, signature = line.split(" ")
            if signer == name and key[:1] == b"\1":
                try:
                    Ed25519PublicKey.from_public_bytes(key[1:]).verify(base64.b64decode(signature)[4:], (text + "\n").encode())
                    signed = True
                except Exception:  # of another of its keys, perhaps
                    continue
    must(signed, "no key of the ledger signed the checkpoint")
    print(f"ledger   {len(disclosure['entries'])} disclosed entries lead to the root of {size} that {origin} signed (pymerkle, cryptography)")
    return "".join(disclosed["entry"] for disclosed in disclosure["entries"])


# 3. Every extract is one that a disclosed entry names, and its rows are those that its manifest lists.

HEADER, SEGMENT = b"TICKMARK-SEAL-1\n", 64 * 1024 + 16


def opened(stored, key):
    """A sealed object's content: segments of 64 KiB under AES-256-GCM, each with its number and whether it is the last."""
    cipher, plain = AESGCM(key), b""
    places = range(len(HEADER), len(stored), SEGMENT)
    for number, place in enumerate(places):
        nonce = bytes(3) + number.to_bytes(8, "big") + bytes([number == len(places) - 1])
        plain += cipher.decrypt(nonce, stored[place : place + SEGMENT], HEADER)
    return plain


def objects():
    """By the SHA-256 of what an object holds the digest that names it: that of the bytes as they are stored."""
    keys = (HERE / "package/examination/object-keys").read_bytes()
    keys = {keys[at : at + 32].hex(): keys[at + 32 : at + 64] for at in range(0, len(keys), 64)}
    named = {}
    for path in (HERE / "package/examination/objects").rglob("*"):
        if path.is_file():
            stored = path.read_bytes()
            digest = sha256(stored).hex()
            named[sha256(opened(stored, keys[digest]) if digest in keys else stored).hex()] = digest
    return named


def check_rows(entries):
    named, count = objects(), 0
    for manifest in sorted(HERE.glob("rows/*/*.json")):
        data, name = manifest.read_bytes(), manifest.relative_to(HERE)
        digest = named.get(sha256(data).hex())
        must(digest is not None and digest in entries, f"no entry of the ledger names {name}")
        for place, part in enumerate(json.loads(data)["parts"]):
            rows = manifest.with_name(f"{manifest.stem}-{place}.parquet")
            digest = named.get(sha256(rows.read_bytes()).hex())
            must(digest == part["object"], f"{rows.relative_to(HERE)} is not what {name} lists")
        count += 1
    print(f"rows     {count} extracts: the ledger names the manifest, the manifest lists the rows")


# 4. The SQL of each control test gives the same numbers, and the same items, in DuckDB.

def parameters(sql, test):
    values = {"on": test["on"], "period_start": test["period_start"], "period_end": test["period_end"], "zone": test["zone"]}
    types = {"on": "date", "period_start": "date", "period_end": "date", "zone": "text"}
    for name, parameter in test["parameters"].items():
        values[name], types[name] = parameter["value"], parameter["type"].rstrip("!")
    sql_types = {"text": "VARCHAR", "date": "DATE", "bool": "BOOLEAN", "timestamp": "TIMESTAMPTZ"}

    def typed(match):
        kind = types[match[1]]
        if kind == "int":
            return f"({int(values[match[1]])})"
        value = str(values[match[1]]).replace("'", "''")
        return f"CAST('{value}' AS {sql_types.get(kind, kind)})"

    return re.sub(r"\$([a-z][a-z0-9_]*)", typed, sql)


def items(database, keys, sql):
    """The items of a query, each as texts."""
    return set(database.execute(f"SELECT {keys} FROM (\n{sql}\n)").fetchall())


def check_tests(only):
    database = duckdb.connect()
    database.execute((HERE / "sql/functions.sql").read_text())
    database.execute((HERE / "sql/histories.sql").read_text())
    tests = [test for test in json.loads((HERE / "tests.json").read_text()) if not only or test["test"] in only]
    before = {}
    for test in tests:
        test["keys"] = ", ".join(f'CAST("{key}" AS VARCHAR)' for key in test["item"])
        rows = test["recorded"]["rows"]
        before[test["test"]] = items(database, test["keys"], f"SELECT * FROM read_parquet({rows})") if rows else set()
    # From here on SQL of the package runs: it reads tables, and no file.
    database.execute("SET enable_external_access = false; SET lock_configuration = true")
    tables, on = (HERE / "sql/tables.sql").read_text(), None
    for test in sorted(tests, key=lambda test: test["on"]):
        name, keys, recorded = test["test"], test["keys"], test["recorded"]
        if recorded["outcome"] not in ("no-exceptions", "exceptions", "no-occurrence"):
            print(f"test     {name}: {recorded['outcome']} by the ledger, so there is nothing to compare")
            continue
        if test["on"] != on:
            on = test["on"]
            database.execute(f"SET VARIABLE \"on\" = DATE '{on}'")
            database.execute(tables)
        sql = {part: parameters((HERE / f"sql/{name}/{part}.sql").read_text(), test).rstrip().rstrip(";") for part in ("population", "test")}
        population = database.execute(f"SELECT count(*) FROM (SELECT DISTINCT {keys} FROM (\n{sql['population']}\n))").fetchone()[0]
        found = items(database, keys, sql["test"])
        in_one = found ^ before[name]
        must(population == recorded["population"], f"{name}: {population} items in DuckDB, {recorded['population']} in entry {recorded['entry']}")
        must(not in_one, f"{name}: {len(found)} items with exceptions in DuckDB, {len(before[name])} recorded, {len(in_one)} not in both")
        must(len(found) == recorded["exceptions"], f"{name}: {len(found)} items with exceptions, {recorded['exceptions']} in entry {recorded['entry']}")
        print(f"test     {name}: {population:,} items, {len(found):,} with exceptions in DuckDB", flush=True)


def main():
    import os

    os.chdir(HERE)
    check_files()
    check_rows(check_ledger())
    check_tests(set(sys.argv[1:]))
    print("everything agrees" if not wrong else f"{len(wrong)} things do not agree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
