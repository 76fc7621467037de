"""Draws a sample again: keys on standard input, the drawn ones on standard output.

    redraw.py ENGAGEMENT POPULATION CHECKPOINT NONCE random SIZE
    redraw.py ENGAGEMENT POPULATION CHECKPOINT NONCE systematic SIZE
    redraw.py ENGAGEMENT POPULATION CHECKPOINT NONCE monetary-unit SIZE

One line an item, in the frozen order: the key; for monetary-unit the amount in minor units, a tab, the key. Digests and the
nonce are hexadecimal; a sample without a nonce has `-`.
"""

import sys
from hashlib import sha256


def of_parts(*parts):
    return sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


def seed_of(engagement, population, checkpoint, nonce):
    return of_parts(b"tickmark-seed-1", engagement.encode(), population, checkpoint, nonce)


def rank(seed, population, key):
    return sha256(seed + b"\x1f" + population + b"\x1f" + key).digest()


def random(seed, population, size, keys):
    return sorted(keys, key=lambda key: rank(seed, population, key))[:size]


def at_marks(seed, population, size, items):
    """Items of (units, key) under the marks at (start + i * total) / size."""
    total = sum(units for units, _ in items)
    start = int.from_bytes(of_parts(b"tickmark-start-1", seed, population)[:16], "big") % total
    marks, passed, drawn = [start + i * total for i in range(size)], 0, []
    for units, key in items:
        if any(passed * size <= mark < (passed + units) * size for mark in marks):
            drawn.append(key)
        passed += units
    return drawn


def main():
    engagement, population, checkpoint, nonce, method, size = sys.argv[1:]
    population = bytes.fromhex(population)
    nonce = b"" if nonce == "-" else bytes.fromhex(nonce)
    seed, size = seed_of(engagement, population, bytes.fromhex(checkpoint), nonce), int(size)
    lines = sys.stdin.buffer.read().splitlines()
    if method == "random":
        drawn = random(seed, population, size, lines)
    elif method == "systematic":
        drawn = at_marks(seed, population, size, [(1, key) for key in lines])
    else:
        items = [line.split(b"\t", 1) for line in lines]
        drawn = at_marks(seed, population, size, [(max(0, int(amount)), key) for amount, key in items])
    sys.stdout.buffer.write(b"".join(key + b"\n" for key in drawn))


main()
