#!/usr/bin/env python3
"""An independent maker and reader of signed logs, for the tests of audit-hash and audit-verify.

Written from the specifications alone (RFC 6962 2.1, RFC 8032 5.1, c2sp.org/signed-note, tlog-tiles,
tlog-checkpoint, tlog-cosignature), Python's standard library only, and slow.

  tlog.py key NAME BYTE FILE         a key from the seed BYTE repeated: FILE (skey), FILE.pub (vkey)
  tlog.py seal FILE LOG [TREE] [--time T] [--size N]
                                     seal LOG's first N lines (all): tiles, checkpoint, checkpoints
  tlog.py hints TREE SEGMENT...      TREE/hints for the log that these files hold
  tlog.py claim FILE SIZE TREE       a signed head of SIZE entries that no one has
  tlog.py root LOG                   hex root of LOG's lines
  tlog.py check FILE.pub LOG [TREE]  is TREE exactly what LOG makes?  exit 1 with a word if not
"""
import base64
import hashlib
import os
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def recover(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def pack(point):
    z = pow(point[2], P - 2, P)
    return ((point[1] * z % P) | (point[0] * z % P & 1) << 255).to_bytes(32, "little")


def unpack(data):
    n = int.from_bytes(data, "little")
    y = n & ((1 << 255) - 1)
    x = recover(y, n >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def scalar(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def secret(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return a, h[32:]


def public(seed):
    return pack(times(secret(seed)[0], BASE))


def sign(seed, message):
    a, prefix = secret(seed)
    pub = pack(times(a, BASE))
    r = scalar(prefix + message) % L
    big_r = pack(times(r, BASE))
    s = (r + scalar(big_r + pub + message) % L * a) % L
    return big_r + s.to_bytes(32, "little")


def verify(pub, message, sig):
    a, r, s = unpack(pub), unpack(sig[:32]), int.from_bytes(sig[32:], "little")
    if a is None or r is None or s >= L:
        return False
    return pack(times(s, BASE)) == pack(add(r, times(scalar(sig[:32] + pub + message) % L, a)))


def key_id(name, alg, pub):
    return hashlib.sha256(name.encode() + b"\n" + bytes([alg]) + pub).digest()[:4]


def b64(data):
    return base64.b64encode(data).decode()


def key_text(prefix, name, pub, data):
    return f"{prefix}{name}+{key_id(name, 1, pub).hex()}+{b64(bytes([1]) + data)}\n"


def note_line(name, alg, pub, blob):
    return f"\u2014 {name} {b64(key_id(name, alg, pub) + blob)}\n"


def head(name, seed, size, root, time):
    pub = public(seed)
    text = f"{name}\n{size}\n{b64(root)}\n"
    note = text + "\n" + note_line(name, 1, pub, sign(seed, text.encode()))
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    return note + note_line(name, 4, pub, time.to_bytes(8, "big") + sign(seed, message))


def leaf(line):
    return hashlib.sha256(b"\0" + line).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def tree(leaves):
    """RFC 6962's MTH, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node(tree(leaves[:k]), tree(leaves[k:]))


def tiles(leaves):
    """{path: bytes} of every tile a tree of these leaves has."""
    out, level = {}, 0
    while leaves:
        for n in range(0, len(leaves), 256):
            part = leaves[n:n + 256]
            path, rest = f"{n // 256 % 1000:03d}", n // 256 // 1000
            while rest:
                path, rest = f"x{rest % 1000:03d}/{path}", rest // 1000
            path = f"tile/{level}/{path}" + ("" if len(part) == 256 else f".p/{len(part)}")
            out[path] = b"".join(part)
        full = len(leaves) // 256
        leaves = [tree(leaves[256 * i:256 * i + 256]) for i in range(full)]
        level += 1
    return out


def lines_of(path):
    with open(path, "rb") as f:
        data = f.read()
    return data.split(b"\n")[:-1]


def read_key(path):
    with open(path, encoding="utf-8") as f:
        _, _, name, _, data = f.read().strip().split("+", 4)
    return name, base64.b64decode(data)[1:]


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def make_key(name, byte, path):
    seed = bytes([int(byte)]) * 32
    pub = public(seed)
    write(path, key_text("PRIVATE+KEY+", name, pub, seed).encode())
    write(path + ".pub", key_text("", name, pub, pub).encode())


def seal(key, log, where, time, size):
    name, seed = read_key(key)
    leaves = [leaf(line) for line in lines_of(log)][:size]
    for path, data in tiles(leaves).items():
        write(f"{where}/{path}", data)
    note = head(name, seed, len(leaves), tree(leaves), time)
    write(f"{where}/checkpoint", note.encode())
    with open(f"{where}/checkpoints", "ab") as f:
        f.write(note.encode() + b"\n")


def hints(where, segments):
    index = 0
    with open(f"{where}/hints", "w", encoding="ascii") as out:
        for path in segments:
            offset = 0
            for line in lines_of(path):
                if offset == 0 or index % 256 == 0:
                    out.write(f"{index:016x} {offset:016x}\n")
                offset += len(line) + 1
                index += 1


def claim(key, size, where):
    name, seed = read_key(key)
    write(f"{where}/checkpoint", head(name, seed, int(size), bytes(32), 1764000000).encode())


def wrong(word):
    print(word)
    sys.exit(1)


def check(pubfile, log, where):
    with open(pubfile, encoding="utf-8") as f:
        name, _, data = f.read().strip().split("+", 2)
    pub = base64.b64decode(data)[1:]
    with open(f"{where}/checkpoint", encoding="utf-8") as f:
        text, _, sigs = f.read().rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    leaves = [leaf(line) for line in lines_of(log)][:int(size)]
    if origin != name or len(leaves) != int(size) or base64.b64decode(root) != tree(leaves):
        wrong("head")
    blobs = [base64.b64decode(s.split(" ")[2]) for s in sigs.splitlines()]
    if not verify(pub, text.encode(), blobs[0][4:]):
        wrong("signature")
    time = int.from_bytes(blobs[1][4:12], "big")
    if not verify(pub, f"cosignature/v1\ntime {time}\n{text}".encode(), blobs[1][12:]):
        wrong("cosignature")
    if [b[:4] for b in blobs] != [key_id(name, alg, pub) for alg in (1, 4)]:
        wrong("key id")
    for path, data in tiles(leaves).items():
        with open(f"{where}/{path}", "rb") as f:
            if f.read() != data:
                wrong(path)


def main(args):
    time, size = 1764000000, None
    for option in ("--time", "--size"):
        if option in args:
            at = args.index(option)
            value = int(args[at + 1])
            time, size = (value, size) if option == "--time" else (time, value)
            del args[at:at + 2]
    verb, args = args[0], args[1:]
    if verb == "key":
        make_key(*args)
    elif verb == "seal":
        seal(args[0], args[1], args[2] if len(args) > 2 else args[1] + ".tree", time, size)
    elif verb == "hints":
        hints(args[0], args[1:])
    elif verb == "claim":
        claim(*args)
    elif verb == "root":
        print(tree([leaf(line) for line in lines_of(args[0])]).hex())
    elif verb == "check":
        check(args[0], args[1], args[2] if len(args) > 2 else args[1] + ".tree")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
