"""Random questions about samples, answered with Python's whole numbers: one a line, the answer after `=`.

    size RISK TOLERABLE EXPECTED POPULATION ROUNDING = SIZE ALLOWED
    limit RISK SIZE DEVIATIONS POPULATION = TENTH FINE
    stages RISK TOLERABLE SIZE FOUND SECOND FOUND POPULATION = RISK SUPPORTED

Percentages are in millionths of a percent, limits rounded up to 0.1 and 0.0001 percent, and a population without end is 0.
"""

from fractions import Fraction
from math import comb
from random import Random

WHOLE = 10**8
chance = Random(20250101)


def ceiling(value):
    return -(-value // 1)


def parts(x, n, source):
    """The chance of x deviations in n items, times `whole` of the same n."""
    rate, items, deviating = source
    if items:
        return comb(deviating, x) * comb(items - deviating, n - x)
    return comb(n, x) * rate.numerator**x * (rate.denominator - rate.numerator) ** (n - x)


def whole(n, source):
    rate, items, _ = source
    return comb(items, n) if items else rate.denominator**n


def exactly(x, n, source):
    return Fraction(parts(x, n, source), whole(n, source))


def at_most(k, n, source):
    return Fraction(sum(parts(x, n, source) for x in range(min(k, n) + 1)), whole(n, source))


def keeps(risk, k, n, source):
    return sum(parts(x, n, source) for x in range(min(k, n) + 1)) * WHOLE <= risk * whole(n, source)


def after(n, x, source):
    rate, items, deviating = source
    return (rate, items - n, deviating - x) if items else source


def source_at(tolerable, items, rounding="up"):
    if not items:
        return (Fraction(tolerable, WHOLE), 0, 0)
    share = Fraction(tolerable * items, WHOLE)
    return (None, items, max(1, int(ceiling(share) if rounding == "up" else share // 1)))


def size(risk, tolerable, expected, items, rounding):
    source = source_at(tolerable, items, rounding)
    n = 0
    while True:
        k = int(ceiling(Fraction(expected * n, WHOLE)))
        if items and source[2] <= k:
            return items, tolerable * items // WHOLE
        if n and keeps(risk, k, n, source):
            return n, k
        n += 1


def smallest(parts, holds):
    low, high = 0, parts
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def limit(risk, n, d, items):
    if items:
        left = d
        while left < items - (n - d) and not keeps(risk, d, n, (None, items, left + 1)):
            left += 1
        rate = Fraction(left * WHOLE, items)
        return tuple(int(ceiling(rate / unit) * unit) for unit in (10**5, 100))
    accepted = lambda unit: lambda m: keeps(risk, d, n, (Fraction(m * unit, WHOLE), 0, 0))
    return tuple(smallest(WHOLE // unit, accepted(unit)) * unit for unit in (10**5, 100))


def stages(risk, tolerable, n1, d1, n2, d2, items):
    source = source_at(tolerable, items)
    allowed = next((k - 1 for k in range(n1) if not keeps(risk, k, n1, source)), n1 - 1)
    if d1 <= allowed:
        return None
    run = at_most(allowed, n1, source) if allowed >= 0 else Fraction(0)
    for x in range(allowed + 1, min(d1 + d2, n1) + 1):
        if not items or x <= source[2] and n1 - x <= items - source[2]:
            run += exactly(x, n1, source) * at_most(d1 + d2 - x, n2, after(n1, x, source))
    return int(ceiling(run * 10**6) * 100), int(run * WHOLE <= risk)


def main():
    rate = lambda low, high: chance.randrange(low, high) * chance.choice([10**6, 10**5, 10**4])
    for _ in range(1200):
        risk, tolerable = rate(1, 30), rate(2, 25)
        expected = chance.choice([0, 0, tolerable // chance.randrange(3, 20)])
        items = chance.choice([0, chance.randrange(1, 400)])
        tolerable = tolerable if items else max(tolerable, 10**6)
        expected, rounding = min(expected, tolerable // 3), chance.choice(["up", "down"])
        answer = size(risk, tolerable, expected, items, rounding)
        print("size", risk, tolerable, expected, items, rounding, "=", *answer)
    for _ in range(1200):
        risk, n = rate(1, 40), chance.randrange(1, 120)
        d, items = chance.randrange(0, min(n, 12) + 1), chance.choice([0, n + chance.randrange(0, 200)])
        print("limit", risk, n, d, items, "=", *limit(risk, n, d, items))
    for _ in range(600):
        risk, tolerable = rate(1, 30), rate(2, 25)
        n1, n2 = chance.randrange(1, 80), chance.randrange(1, 80)
        d1, d2 = chance.randrange(0, min(n1, 4) + 1), chance.randrange(0, min(n2, 3) + 1)
        # Some items stay untested: a whole population has its rate and no risk.
        items = chance.choice([0, n1 + n2 + chance.randrange(1, 300)])
        answer = stages(risk, tolerable, n1, d1, n2, d2, items)
        print("stages", risk, tolerable, n1, d1, n2, d2, items, "=", *(answer or ["nothing-to-extend"]))


main()
