"""The disk is full: a clear error, nothing half, and when there is space again work goes on.

On a small file system in memory of its own; that needs the right to mount, else nothing is tried and the output says so.
"""
import contextlib
import os
import shutil
import subprocess

from harness import (
    DONE, FAILED, INCOMPLETE, LEAD, Wrong, all_well, attack, collect, copied, facts, is_sound, must, rows_of, says, tickmark,
)  # fmt: skip

FIRST, LAST = "2026-09-01", "2026-09-30"
KIB, MIB = 1 << 10, 1 << 20


def mount(place, *options):
    return subprocess.run(["mount", *options, str(place)], capture_output=True, text=True)


@contextlib.contextmanager
def small_disk(companies):
    """A file system of its own whose size can be set; nothing, and why, where it cannot be had."""
    with companies.place() as place:
        if os.geteuid() != 0:
            yield None, "NOT TRIED: only root mounts"
            return
        mounted = mount(place, "-t", "tmpfs", "-o", f"size={256 * MIB}", "tickmark-attack")
        if mounted.returncode:
            yield None, f"NOT TRIED: {mounted.stderr.strip()}"
            return
        try:
            yield place, None
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def leave_free(disk, free):
    """Makes the disk so small that only `free` bytes are left."""
    usage = shutil.disk_usage(disk)
    resized = mount(disk, "-o", f"remount,size={usage.used + free}")
    must(resized.returncode == 0, resized.stderr)


def said_clearly(ended):
    must(ended.code in (FAILED, INCOMPLETE), lambda: str(ended))
    must("no space left" in (ended.out + ended.err).lower() or "disk is full" in (ended.out + ended.err).lower(), lambda: str(ended))


def at_each(companies, sizes, work):
    """Tries each size; gives how often the disk was full. `work` says whether it was."""
    judged, full = [], 0
    for free in sizes:
        with small_disk(companies) as (disk, why):
            if why:
                return why
            try:
                full += work(disk, free)
                judged.append((f"{free >> 10} KiB free", None))
            except Wrong as wrong:
                judged.append((f"{free >> 10} KiB free", str(wrong)))
    all_well(judged)
    must(full >= len(sizes) / 2, f"the disk was full {full} times only")
    return f"full {full} times of {len(sizes)}"


def filled_by_collecting(companies, sizes):
    with companies.copy(without=("packages", "truth", "firm")) as whole:
        expected = rows_of(collect(whole, FIRST, LAST).out)

    def one(disk, free):
        company = copied(companies.demo, disk / "company", ("packages", "truth", "firm"))
        before = facts(company)
        leave_free(disk, free)
        ended = collect(company, FIRST, LAST, ok=None)
        leave_free(disk, 64 * MIB)
        now = is_sound(company)
        must(now[: len(before)] == before, "facts of before are gone or changed")
        must(rows_of(collect(company, FIRST, LAST).out) == expected, "with space the collection brings other rows")
        is_sound(company)
        if ended.code != DONE:
            said_clearly(ended)
        return ended.code != DONE

    return at_each(companies, sizes, one)


@attack("the disk fills while evidence is collected: said, nothing is lost, and with space the collection completes")
def collection(companies):
    return filled_by_collecting(companies, (128 * KIB, 512 * KIB, MIB, MIB + 300 * KIB))


@attack("the disk is full before evidence is collected: said, nothing is lost, and with space the collection completes")
def collection_on_a_full_disk(companies):
    return filled_by_collecting(companies, (0, 16 * KIB))


@attack("the disk fills while packages are made: said, the packages of before stay whole, and with space they are made")
def packages(companies):
    def one(disk, free):
        company = copied(companies.demo, disk / "company", ("truth", "firm", "systems"))
        leave_free(disk, free)
        ended = tickmark("report", "--dir", company, "--as", LEAD, "--engagement", "soc1")
        leave_free(disk, 64 * MIB)
        is_sound(company)
        tickmark("verify", company / "packages" / "soc1-report.zip", ok=DONE)
        for document in company.glob("packages/*.pdf"):
            must(document.read_bytes().rstrip().endswith(b"%%EOF"), f"{document.name} is cut short")
        if ended.code != DONE:
            said_clearly(ended)
            tickmark("report", "--dir", company, "--as", LEAD, "--engagement", "soc1", ok=DONE)
            tickmark("verify", company / "packages" / "soc1-report.zip", ok=DONE)
            must(not list(company.glob("packages/*.part")), "half a package lies about")
        return ended.code != DONE

    return at_each(companies, (MIB, 9 * MIB), one)


@attack("the disk fills during the demo: said, and what was recorded until then is well")
def demo(companies):
    judged = []
    for size in (256 * KIB, 6 * MIB, 20 * MIB):
        with small_disk(companies) as (disk, why):
            if why:
                return why
            leave_free(disk, size)
            ended = tickmark("demo", "--dir", disk / "demo", "--scale", "2")
            said_clearly(ended)
            leave_free(disk, 64 * MIB)
            if (disk / "demo" / "tickmark.toml").exists() and (disk / "demo" / "tickmark.toml").stat().st_size:
                is_sound(disk / "demo")
                judged.append(size)
    must(len(judged) >= 1, "the disk was always full before there was an installation")
    return f"{len(judged)} of 3 times there was an installation already"


@attack("the disk is full when a command only reads: it reads")
def reading(companies):
    with small_disk(companies) as (disk, why):
        if why:
            return why
        company = copied(companies.demo, disk / "company", ("packages", "truth", "firm", "systems"))
        # A reader of a database with a write-ahead log needs room for its index (32 KiB each), and for nothing else.
        leave_free(disk, 256 << 10)
        says(tickmark("status", "--dir", company, ok=DONE), "harbor lane")
        is_sound(company)
