"""disk.py - what a crash can leave on a disk, from a recorded trace of system calls.

The model (nothing is sampled):
- A file's content is sectors of 512 bytes (of 4096 where it is larger than 2 KiB), and a size.  Each sector is, on its
  own, as any write or truncation since the file's last fsync or fdatasync left it, or as it was then; so is the size,
  which can also stand at any sector's border inside of what a write added.  What no sector fills is zeros.
- Names (creat, mkdir, rename, unlink, rmdir) since the directory's last fsync are there or not, each on its own and a
  rename as a whole, but in order where they touch the same name.  This is POSIX without more: syncing a file does not
  sync its name.  What ext4 or xfs can leave (names in order of time, a synced file with its name) is a part of it.
- syncfs makes all durable.
- The content of a file under a temporary name is not varied: append never reads one.
"""
import itertools
import os
import re

SMALL = 2048


class File:
    """An inode: its states since it was last durable, the first being that."""

    def __init__(self, data=b""):
        self.versions = [bytes(data)]

    def now(self):
        return self.versions[-1]

    def sync(self):
        self.versions = [self.now()]

    def contents(self):
        """Every content a crash can leave."""
        if len(set(self.versions)) == 1:
            return {self.now()}
        longest = max(map(len, self.versions))
        step = 512 if longest <= SMALL else 4096
        sizes = {len(v) for v in self.versions}
        for a, b in zip(self.versions, self.versions[1:]):
            sizes.update(range(len(a) // step * step + step, len(b), step))
        sectors = []
        for at in range(0, longest, step):
            sectors.append(sorted({v[at:at + step].ljust(step, b"\0") for v in self.versions}))
        found = set()
        for size in sizes:
            used = sectors[:(size + step - 1) // step]
            for choice in itertools.product(*used):
                found.add(b"".join(choice)[:size])
        return found


class Dir:
    """A directory: names as they are durable, and what was done to them since."""

    def __init__(self):
        self.durable = {}
        self.names = {}


class Disk:
    def __init__(self, root):
        self.root = Dir()
        self.pending = []  # (keys, sets): keys (dir, name) touched in order; sets {(dir, name): node or None}
        for where, dirs, files in os.walk(root):
            here = self.find(os.path.relpath(where, root))
            for name in dirs:
                here.durable[name] = here.names[name] = Dir()
            for name in files:
                with open(os.path.join(where, name), "rb") as f:
                    here.durable[name] = here.names[name] = File(f.read())

    def find(self, path):
        node = self.root
        for part in path.split("/"):
            if part not in (".", ""):
                node = node.names.get(part) if isinstance(node, Dir) else None
        return node

    def change(self, sets):
        for (d, name), node in sets.items():
            if node is None:
                d.names.pop(name, None)
            else:
                d.names[name] = node
        self.pending.append(sets)

    def settle(self, sets):
        for (d, name), node in sets.items():
            if node is None:
                d.durable.pop(name, None)
            else:
                d.durable[name] = node

    def sync_dir(self, directory):
        keep = []
        for sets in self.pending:
            # A rename between two directories is durable with either.
            if any(d is directory for d, _ in sets):
                self.settle(sets)
            else:
                keep.append(sets)
        self.pending = keep

    def sync_all(self):
        for sets in self.pending:
            self.settle(sets)
        self.pending = []
        todo = [self.root]
        while todo:
            for node in todo.pop().durable.values():
                if isinstance(node, Dir):
                    todo.append(node)
                else:
                    node.sync()

    # What a crash now can leave.

    def groups(self):
        """The pending changes that touch the same names, one after another."""
        groups = []
        for sets in self.pending:
            mine = [g for g in groups if any(k in keys for k in sets for keys in [g[0]])]
            keys, ops = set(sets), []
            for g in mine:
                keys |= g[0]
                ops += g[1]
                groups.remove(g)
            groups.append((keys, ops + [sets]))
        order = {id(s): i for i, s in enumerate(self.pending)}
        for g in groups:
            g[1].sort(key=lambda s: order[id(s)])
        return groups

    @staticmethod
    def outcomes(group):
        """Every {(dir, name): node} that a group's changes can come to: per name, in order."""
        keys, ops = group
        found = []
        for chosen in itertools.product((False, True), repeat=len(ops)):
            left_out = set()
            state = {}
            for use, sets in zip(chosen, ops):
                if use and left_out & set(sets):
                    break
                if use:
                    state.update(sets)
                else:
                    left_out |= set(sets)
            else:
                if state not in found:
                    found.append(state)
        return found

    def images(self):
        """Every {path: content, or None for a directory} that a crash now can leave."""
        for choice in itertools.product(*map(self.outcomes, self.groups())):
            over = {}
            for state in choice:
                over.update(state)
            # No directory exists twice, so this is a tree.
            files, dirs = [], []
            todo = [("", self.root)]
            while todo:
                path, node = todo.pop()
                names = dict(node.durable)
                for (d, name), new in over.items():
                    if d is node:
                        names[name] = new
                for name, child in names.items():
                    if isinstance(child, Dir):
                        dirs.append(path + name)
                        todo.append((path + name + "/", child))
                    elif child is not None:
                        files.append((path + name, child))
            files.sort(key=lambda f: f[0])
            varied = [[f.now()] if p.endswith(".tmp") else sorted(f.contents()) for p, f in files]
            for contents in itertools.product(*varied):
                image = {d: None for d in dirs}
                image.update(zip((p for p, _ in files), contents))
                yield image


CALL = re.compile(r"^(?:\d+\s+)?(\w+)\((.*)\)\s+= (-?\d+)(?:<.*>)?(?: .*)?$")
TRACED = ("openat", "open", "creat", "write", "pwrite64", "writev", "ftruncate", "truncate", "mkdirat", "mkdir", "renameat",
          "renameat2", "rename", "unlinkat", "unlink", "rmdir", "linkat", "link", "symlinkat", "fsync", "fdatasync",
          "syncfs", "sync_file_range", "fallocate", "copy_file_range", "dup", "dup2", "fcntl", "mmap")
IGNORED = ("fcntl", "mmap", "dup", "dup2")


def text(quoted):
    """The bytes of a string as strace -xx writes it."""
    assert quoted.startswith('"') and quoted.endswith('"'), quoted[:80]
    return bytes.fromhex(quoted[1:-1].replace("\\x", ""))


class Player:
    """Plays a trace onto a disk, call by call."""

    def __init__(self, root):
        self.where = os.path.realpath(root)
        self.disk = Disk(root)
        self.fds = {}
        self.acked = b""

    def resolve(self, at, path):
        """The directory and name of a path, or (None, None) if it is not on our disk."""
        path = path.decode()
        if path.startswith("/"):
            if not (path + "/").startswith(self.where + "/"):
                return None, None
            start, path = self.disk.root, path[len(self.where):].strip("/")
        else:
            start = self.disk.root if at == "AT_FDCWD" else self.fds.get(int(at), (None,))[0]
        parts = [p for p in path.split("/") if p not in ("", ".")]
        for part in parts[:-1]:
            start = start.names.get(part) if isinstance(start, Dir) else None
        if not isinstance(start, Dir):
            return None, None
        return start, parts[-1] if parts else "."

    def play(self, line):
        """Returns whether it changed what a crash could leave."""
        m = CALL.match(line)
        if m is None or int(m.group(3)) < 0:
            return False
        name, result = m.group(1), int(m.group(3))
        args = [re.sub(r"^(-?\w+)<.*>$", r"\1", a) for a in m.group(2).split(", ")]
        if name in IGNORED:
            return False
        return getattr(self, "do_" + name)(args, result)

    def do_openat(self, args, fd):
        flags = args[2]
        path = text(args[1])
        if path.startswith(b"/proc/self/fd/"):
            self.fds[fd] = (self.fds[int(path[14:])][0], False, [0])
            return False
        directory, name = self.resolve(args[0], path)
        self.fds.pop(fd, None)
        if directory is None:
            return False
        node = directory if name == "." else directory.names.get(name)
        made = node is None
        if made:
            assert "O_CREAT" in flags, args
            node = File()
            self.disk.change({(directory, name): node})
        assert "O_TRUNC" not in flags
        self.fds[fd] = (node, "O_APPEND" in flags, [0])
        return made

    def do_write(self, args, n):
        if int(args[0]) == 1:
            self.acked += text(args[1])[:n]
            return False
        if int(args[0]) not in self.fds:
            return False
        node, append, at = self.fds[int(args[0])]
        now, data = node.now(), text(args[1])[:n]
        start = len(now) if append else at[0]
        node.versions.append(now[:start].ljust(start, b"\0") + data + now[start + n:])
        at[0] = start + n
        return True

    def do_pwrite64(self, args, n):
        node, start = self.fds[int(args[0])][0], int(args[3])
        now, data = node.now(), text(args[1])[:n]
        node.versions.append(now[:start].ljust(start, b"\0") + data + now[start + n:])
        return node.versions[-1] != now

    def do_ftruncate(self, args, _):
        node, size = self.fds[int(args[0])][0], int(args[1])
        if size == len(node.now()):
            return False
        node.versions.append(node.now()[:size].ljust(size, b"\0"))
        return True

    def do_mkdirat(self, args, _):
        directory, name = self.resolve(args[0], text(args[1]))
        self.disk.change({(directory, name): Dir()})
        return True

    def do_mkdir(self, args, result):
        return self.do_mkdirat(["AT_FDCWD"] + args, result)

    def do_renameat(self, args, _):
        old, new = self.resolve(args[0], text(args[1])), self.resolve(args[2], text(args[3]))
        self.disk.change({old: None, new: old[0].names[old[1]]})
        return True

    do_renameat2 = do_renameat

    def do_unlinkat(self, args, _):
        self.disk.change({self.resolve(args[0], text(args[1])): None})
        return True

    def do_fsync(self, args, _):
        node = self.fds.get(int(args[0]), (None,))[0]
        if isinstance(node, Dir):
            self.disk.sync_dir(node)
        elif node is not None:
            node.sync()
        return False

    do_fdatasync = do_fsync

    def do_sync_file_range(self, _args, _):
        return False  # it promises nothing

    def do_syncfs(self, _args, _):
        self.disk.sync_all()
        return False
