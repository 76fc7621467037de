"""What a program did to files, read from strace's log, and the disks that a power cut could leave of it.

A disk keeps a file's bytes as of its last fsync that was done before the cut, and a folder's names as of the folder's
last fsync. What came after may be there as well: any part of it, in any order, torn at pages of 4 KiB. A call that this
file does not know how to follow is an error, never passed over.
"""
import os
import pathlib
import re
import shutil
import subprocess

from harness import TICKMARK, copied, environment

PAGE = 4096
FOLLOWED = (
    "openat open creat write pwrite64 writev pwritev pwritev2 ftruncate truncate fallocate copy_file_range sendfile splice "
    "rename renameat renameat2 link linkat unlink unlinkat symlink symlinkat mkdir mkdirat rmdir fsync fdatasync "
    "sync_file_range syncfs sync msync mmap lseek close dup dup2 dup3 fcntl clone clone3 fork vfork"
).split()
# SQLite rebuilds the index of its log after a power cut; it is no part of what is stored.
NOT_STORED = "-shm"

HEXES = r"(?:\\x[0-9a-f]{2})*"
TEXT = re.compile(rf'"({HEXES})"')
OPEN_FILE = re.compile(rf"^(-?\d+|AT_FDCWD)(?:<({HEXES})>)?(?:\(deleted\))?$")
LINE = re.compile(r"^(\d+) +(.*)$", re.S)
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$", re.S)
CALL = re.compile(r"^(\w+)\((.*)\)\s+= (.*)$", re.S)


class NotFollowed(Exception):
    """The log holds something that this file cannot replay."""


class Folder:
    def __init__(self, names=None):
        self.names, self.durable, self.waiting = dict(names or {}), dict(names or {}), []


class File:
    def __init__(self, content=None):
        # Nothing: the file as it was before, which is read when it is needed.
        self.content, self.durable, self.waiting = content, content, []


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


def split_arguments(text):
    """Arguments at commas outside of brackets; strings are hexadecimal, so they hold none."""
    parts, depth, part = [], 0, ""
    for piece in re.split(r"([\[\]{},])", text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece, 0)
        if piece == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += piece
    return [*parts, part.strip()]


def recorded(folder, place, *arguments):
    """Runs the product under strace on `folder`; gives (exit code, output, log)."""
    log = place / "strace.log"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-y", "-xx", "-s", "1000000000", "-o", log, "-e", f"trace={','.join(FOLLOWED)}",
         "-e", "signal=none", TICKMARK, *map(str, arguments)],
        capture_output=True, env=environment(), cwd=place, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), log


def calls(log):
    """(process, name, arguments, result, began) of every call in the order of their ends. `began` counts ends before."""
    pending, ended = {}, 0
    with open(log, encoding="ascii") as lines:
        for line in lines:
            process, rest = LINE.match(line.rstrip("\n")).groups()
            began = ended
            if rest.startswith(("+++", "---")):
                continue
            if rest.endswith(" <unfinished ...>"):
                pending[process] = (rest.removesuffix(" <unfinished ...>"), ended)
                yield process, "begins", [rest.partition("(")[0], rest.partition("(")[2].removesuffix(" <unfinished ...>")], "", began
                continue
            if resumed := RESUMED.match(rest):
                head, began = pending.pop(process)
                rest = head + resumed[2]
            call = CALL.match(rest)
            if not call:
                if rest.startswith("???") or "= ?" in rest:
                    continue
                raise NotFollowed(rest[:200])
            ended += 1
            name, arguments, result = call.groups()
            yield process, name, split_arguments(arguments), result, began


class Journal:
    """The operations of one run on the files of one folder, in order."""

    @staticmethod
    def names(folder):
        """Every path of a folder, to be taken before the run."""
        root = str(pathlib.Path(folder).resolve())
        below = (os.path.join(path, name) for path, folders, files in os.walk(root) for name in (*folders, *files))
        return {root, *below}

    def __init__(self, folder, known, log):
        self.root = str(pathlib.Path(folder).resolve())
        self.operations = []  # functions of the name `Disk` has below, with their arguments
        self.offsets, self.tables, self.syncing = {}, {}, {}
        self.known = set(known)
        for call in calls(log):
            self.take(*call)

    def inside(self, path):
        return path is not None and (path == self.root or path.startswith(self.root + "/")) and not path.endswith(NOT_STORED)

    def add(self, *operation):
        self.operations.append(operation)

    @staticmethod
    def path(at, name):
        folder = OPEN_FILE.match(at)
        folder = unhex(folder[2]).decode() if folder and folder[2] else "/"
        return os.path.normpath(os.path.join(folder, unhex(TEXT.match(name)[1]).decode()))

    def file(self, argument):
        """(descriptor, path) of an open file."""
        match = OPEN_FILE.match(argument)
        if not match:
            return None, None
        path = unhex(match[2]).decode() if match[2] else None
        return match[1], None if argument.endswith("(deleted)") else path

    def take(self, process, name, arguments, result, began):
        table = self.tables.get(process, "first")
        if name == "begins":
            if arguments[0] in ("fsync", "fdatasync"):
                self.syncing[process] = len(self.operations)
            return
        if name.startswith(("clone", "fork", "vfork")):
            child = result.split()[0]
            if child.isdigit() and int(child) > 0:
                self.tables[child] = table if "CLONE_FILES" in ",".join(arguments) else child
            return
        number = re.match(r"-?\d+", result)
        number = int(number[0]) if number else -1
        if number < 0:
            self.syncing.pop(process, None)
            return
        getattr(self, f"take_{name}", self.refuse)(process, table, name, arguments, result, number)

    def refuse(self, process, table, name, arguments, result, number):
        if any(self.inside(self.file(argument)[1]) for argument in arguments):
            raise NotFollowed(f"{name}({', '.join(a[:80] for a in arguments)}) = {result[:80]}")

    def take_openat(self, process, table, name, arguments, result, number):
        path = self.path(arguments[0], arguments[1])
        flags = arguments[2].split("|")
        self.offsets[table, str(number)] = 0
        if not self.inside(path) or "O_TMPFILE" in flags:
            return
        if "O_CREAT" in flags and path not in self.known:
            self.known.add(path)
            self.add("create", path)
        elif "O_TRUNC" in flags:
            self.add("truncate", path, 0)
        if "O_APPEND" in flags:
            raise NotFollowed(f"appending to {path}")

    def take_write(self, process, table, name, arguments, result, number):
        descriptor, path = self.file(arguments[0])
        data = b"".join(unhex(text) for text in TEXT.findall(arguments[1]))[:number]
        if self.inside(path):
            at = self.offsets.get((table, descriptor), 0)
            self.offsets[table, descriptor] = at + len(data)
            self.add("write", path, at, data)
        elif descriptor in ("1", "2") and table == "first":
            self.add("say", data)

    take_writev = take_write

    def take_pwrite64(self, process, table, name, arguments, result, number):
        _, path = self.file(arguments[0])
        if self.inside(path):
            data = b"".join(unhex(text) for text in TEXT.findall(arguments[1]))[:number]
            self.add("write", path, int(arguments[3]), data)

    take_pwritev = take_pwrite64

    def take_ftruncate(self, process, table, name, arguments, result, number):
        _, path = self.file(arguments[0])
        if self.inside(path):
            self.add("truncate", path, int(arguments[1]))

    def take_fallocate(self, process, table, name, arguments, result, number):
        _, path = self.file(arguments[0])
        if self.inside(path):
            self.add("lengthen", path, int(arguments[2]) + int(arguments[3]))

    def take_lseek(self, process, table, name, arguments, result, number):
        self.offsets[table, self.file(arguments[0])[0]] = number

    def take_fsync(self, process, table, name, arguments, result, number):
        _, path = self.file(arguments[0])
        began = self.syncing.pop(process, len(self.operations))
        if self.inside(path):
            self.add("sync", path, began)

    take_fdatasync = take_fsync

    def take_linkat(self, process, table, name, arguments, result, number):
        self.link(self.path(*arguments[0:2]), self.path(*arguments[2:4]))

    def take_link(self, process, table, name, arguments, result, number):
        self.link(self.path("", arguments[0]), self.path("", arguments[1]))

    def link(self, old, new):
        if self.inside(old) != self.inside(new) or self.inside(old) and old not in self.known:
            raise NotFollowed(f"a link from {old} to {new}")
        if self.inside(new):
            self.known.add(new)
            self.add("link", old, new)

    def take_renameat2(self, process, table, name, arguments, result, number):
        self.rename(self.path(*arguments[0:2]), self.path(*arguments[2:4]))

    take_renameat = take_renameat2

    def take_rename(self, process, table, name, arguments, result, number):
        self.rename(self.path("", arguments[0]), self.path("", arguments[1]))

    def rename(self, old, new):
        if self.inside(old) != self.inside(new):
            raise NotFollowed(f"a renaming of {old} to {new}")
        if self.inside(new):
            self.known.discard(old)
            self.known.add(new)
            self.add("rename", old, new)

    def take_unlink(self, process, table, name, arguments, result, number):
        self.unlink(self.path("", arguments[0]))

    def take_unlinkat(self, process, table, name, arguments, result, number):
        self.unlink(self.path(*arguments[0:2]))

    def unlink(self, path):
        if self.inside(path):
            self.known.discard(path)
            self.add("unlink", path)

    def take_mkdir(self, process, table, name, arguments, result, number):
        self.mkdir(self.path("", arguments[0]))

    def take_mkdirat(self, process, table, name, arguments, result, number):
        self.mkdir(self.path(*arguments[0:2]))

    def mkdir(self, path):
        if self.inside(path):
            self.known.add(path)
            self.add("mkdir", path)

    def take_mmap(self, process, table, name, arguments, result, number):
        if "PROT_WRITE" in arguments[2] and "MAP_SHARED" in arguments[3] and len(arguments) > 4:
            self.refuse(process, table, name, arguments[4:], result, number)

    def take_fcntl(self, process, table, name, arguments, result, number):
        if arguments[1].startswith("F_DUPFD"):
            self.refuse(process, table, name, arguments, result, number)

    def take_close(self, process, table, name, arguments, result, number):
        pass

    def take_sync(self, process, table, name, arguments, result, number):
        raise NotFollowed("sync()")


class Disk:
    """The folder as programs see it while the operations are done, and as a disk holds it."""

    def __init__(self, before):
        self.root = str(pathlib.Path(before).resolve())
        self.at, self.said = 0, b""
        self.tree = self.read(self.root)

    def read(self, path):
        if os.path.isdir(path) and not os.path.islink(path):
            return Folder({name: self.read(os.path.join(path, name)) for name in os.listdir(path)})
        return path  # untouched so far: the file of before

    def folder_of(self, path):
        node, *names = self.tree, *pathlib.PurePath(os.path.relpath(path, self.root)).parts
        names = [name for name in names if name != "."]
        for name in names[:-1]:
            node = node.names[name]
        return node, names[-1] if names else None

    def node(self, path):
        folder, name = self.folder_of(path)
        if name is None:
            return self.tree
        node = folder.names[name]
        if isinstance(node, str):
            with open(node, "rb") as file:
                taken = File(file.read())
            # The same file under all its names (here: one) and in what the disk holds.
            folder.names[name] = taken
            for held in folder.durable:
                if folder.durable[held] == node:
                    folder.durable[held] = taken
            node = taken
        return node

    def advance(self, operations, to):
        for operation in operations[self.at : to]:
            getattr(self, operation[0])(*operation[1:])
            self.at += 1

    def entry(self, path, node):
        folder, name = self.folder_of(path)
        if node is None:
            folder.names.pop(name)
        else:
            folder.names[name] = node
        folder.waiting.append((self.at, ((name, node),)))

    def create(self, path):
        self.entry(path, File(b""))

    def mkdir(self, path):
        self.entry(path, Folder())

    def link(self, old, new):
        self.entry(new, self.node(old))

    def unlink(self, path):
        self.node(path)
        self.entry(path, None)

    def rename(self, old, new):
        node = self.node(old)
        (from_folder, from_name), (to_folder, to_name) = self.folder_of(old), self.folder_of(new)
        if from_folder is not to_folder:
            raise NotFollowed(f"a renaming from {old} to another folder")
        from_folder.names.pop(from_name)
        from_folder.names[to_name] = node
        # Journals of file systems make a renaming whole or not at all.
        from_folder.waiting.append((self.at, ((from_name, None), (to_name, node))))

    def change(self, path, change):
        file = self.node(path)
        file.content = changed(file.content, change)
        file.waiting.append((self.at, change))

    def write(self, path, at, data):
        self.change(path, ("write", at, data))

    def truncate(self, path, length):
        self.change(path, ("truncate", length, None))

    def lengthen(self, path, length):
        if length > len(self.node(path).content):
            self.truncate(path, length)

    def sync(self, path, began):
        """What was done before the fsync began is durable when it is done."""
        node = self.node(path)
        done = [what for at, what in node.waiting if at < began]
        node.waiting = [(at, what) for at, what in node.waiting if at >= began]
        for what in done:
            if isinstance(node, Folder):
                keep(node.durable, what)
            else:
                node.durable = changed(node.durable, what)

    def say(self, data):
        self.said += data

    def held(self, random=None):
        """What the disk holds, as nested names; with `random`, also parts of what it need not hold yet."""
        share = random and random.choice((0.1, 0.5, 0.9))
        return self.held_of(self.tree, random, share, {})

    def held_of(self, node, random, share, files):
        if isinstance(node, str):
            return node
        if isinstance(node, Folder):
            names = dict(node.durable)
            if random:
                for _, entries in node.waiting:
                    if random.random() < share:
                        keep(names, entries)
            return {name: self.held_of(names[name], random, share, files) for name in sorted(names)}
        if id(node) not in files:
            content = node.durable
            if random:
                pieces = [piece for _, change in node.waiting for piece in torn(change) if random.random() < share]
                random.shuffle(pieces)
                for piece in pieces:
                    content = changed(content, piece)
            files[id(node)] = content
        return files[id(node)]


def keep(names, entries):
    for name, node in entries:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def changed(content, change):
    what, at, data = change
    if what == "truncate":
        return content[:at].ljust(at, b"\0")
    return content.ljust(at, b"\0")[:at] + data + content[at + len(data) :]


def torn(change):
    """The pieces of a change that a disk writes each by itself."""
    what, at, data = change
    if what == "truncate":
        return [change]
    pieces, begin = [], at
    while begin < at + len(data):
        end = min((begin // PAGE + 1) * PAGE, at + len(data))
        pieces.append(("write", begin, data[begin - at : end - at]))
        begin = end
    return pieces


def lay_out(held, before, folder):
    """Makes the folder that holds this; files that nothing touched come from before."""
    copied(before, folder)
    differ(held, folder, str(pathlib.Path(before).resolve()))
    return folder


def differ(held, path, before):
    path.mkdir(exist_ok=True)
    for name in os.listdir(path):
        if name not in held:
            shutil.rmtree(path / name) if (path / name).is_dir() and not (path / name).is_symlink() else (path / name).unlink()
    for name, node in held.items():
        if isinstance(node, dict):
            differ(node, path / name, before)
        elif isinstance(node, bytes):
            present = path / name
            mode = present.stat().st_mode & 0o777 if present.exists() else 0o600
            present.write_bytes(node)
            present.chmod(mode)
