#!/usr/bin/env python3
"""The detectors once more, as regular expressions, against audit-emit: naive.py AUDIT-EMIT SEED COUNT.

Values are put together of what numbers, addresses and labels are made of, so that near misses are
as frequent as hits.  Prints the values on which the two disagree; status 1 if there is one."""
import base64
import codecs
import datetime
import random
import re
import subprocess
import sys
import json

LETTER = r"[A-Za-z\u0080-\U0010ffff]"
BEFORE = rf"(?<!{LETTER})(?<!\d)(?<!\d[-./])"
BEHIND = rf"(?!{LETTER})(?!\d)(?![-./]\d)"
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
LABELS = {"phi-ssn": "ssn", "phi-mrn": "mrn",
          "phi-phone": "tel|telephone|phone|cellphone|fax|mobile|cell",
          "phi-date": "dob|born|birth|birthdate|birthday|dateofbirth"}
SUFFIX = ("ssn", "mrn", "dob")
CARDS = [(2221, 2720, (16,)), (300, 305, (14, 16)), (3095, 3095, (14, 16)), (34, 34, (15,)), (37, 37, (15,)),
         (3528, 3589, range(16, 20)), (36, 36, (14, 16, 19)), (38, 39, (14, 16, 19)), (4, 4, (13, 16, 19)),
         (51, 55, (16,)), (6011, 6011, range(16, 20)), (62, 62, range(16, 20)), (644, 659, range(16, 20))]
CARDS += [(n, n, range(12, 20)) for n in (5018, 5020, 5038, 5893, 6304, 6759, 6760, 6761, 6762, 6763)]


def all_from(pattern, text):
    """Every match of pattern, also those within another."""
    at = 0
    while (m := re.compile(pattern).search(text, at)) is not None:
        yield m
        at = m.start() + 1


def chains(text, start, seps):
    """The digits that begin at start, up to each end of a run behind which the text does not go on."""
    m = re.compile(rf"\d+(?:[{re.escape(seps)}]\d+)*").match(text, start)
    for end in range(start + 1, m.end() + 1) if m else ():
        if text[end - 1].isdigit() and not text[end:end + 1].isdigit() and re.match(BEHIND, text[end:]):
            yield re.sub(r"\D", "", text[start:end])
        if text[end - 1].isdigit() and len(re.sub(r"\D", "", text[start:end])) > 24 and not text[end:end + 1].isdigit():
            return


def day(y, m, d):
    try:
        return y >= 1900 and datetime.date(y, m, d) <= TODAY
    except ValueError:
        return False


def is_date(text):
    for m in all_from(BEFORE + r"(\d+)([-./])(\d{1,2})\2(\d+)" + BEHIND, text):
        a, b, c = m[1], int(m[3]), m[4]
        if len(a) == 4 and len(c) <= 2 and day(int(a), b, int(c)):
            return True
        if len(a) <= 2 and len(c) == 4 and (day(int(c), int(a), b) or day(int(c), b, int(a))):
            return True
    return False


def is_card(text):
    for m in all_from(BEFORE + r"(?=\d)", text):
        for n in chains(text, m.start(), "- "):
            luhn = sum(sum(divmod(int(c) * (1 + i % 2), 10)) for i, c in enumerate(reversed(n)))
            if luhn % 10 == 0 and any(lo <= int(n[:len(str(lo))]) <= hi and len(n) in lengths
                                      for lo, hi, lengths in CARDS):
                return True
    return False


def labelled(text):
    found = set()
    for m in re.finditer(r"\d+", text):
        head = re.search(rf"({LETTER}+)[^0-9A-Za-z\u0080-\U0010ffff]{{0,3}}$", text[:m.start()])
        if head and head[1].lower() in ("no", "nr", "num", "number"):
            head = re.search(rf"({LETTER}+)[^0-9A-Za-z\u0080-\U0010ffff]{{0,3}}$", text[:head.start()])
        if not head:
            continue
        part = re.split(r"(?<=[a-z])(?=[A-Z])", head[1])[-1].lower()
        for rule, words in LABELS.items():
            word = next((w for w in words.split("|") if w in (part, head[1].lower()) or
                         (w in SUFFIX and head[1].lower().endswith(w))), None)
            seps = "-./ " if rule in ("phi-phone", "phi-date") else "-. "
            fits = {"phi-ssn": lambda n: n == 9, "phi-phone": lambda n: n >= 7, "phi-date": lambda n: n == 8,
                    "phi-mrn": lambda n: True}[rule]
            if word and any(fits(len(n)) for n in chains(text, m.start(), seps)):
                found.add(rule)
    return found


CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"


def is_text(data):
    """All of it, but for the last character, which may be cut."""
    try:
        return not re.search(CONTROL, codecs.getincrementaldecoder("utf-8")().decode(data))
    except UnicodeDecodeError:
        return False


def has_text(data):
    """21 bytes or more of it."""
    text = data.decode("utf-8", "surrogateescape")
    return any(len(part.encode()) >= 21 for part in re.split(r"[\ud800-\udfff]|" + CONTROL, text))


def is_blob(text):
    if re.search(r"(?<![A-Za-z])data:", text, re.I):
        return True
    for alphabet, altchars in (("A-Za-z0-9+/", b"+/"), ("A-Za-z0-9_-", b"-_")):
        for m in re.finditer(rf"([{alphabet}]+)(={{0,2}})", text):
            for skip in range(4):
                if len(m[0]) - skip >= 28:
                    run = m[1][skip:]
                    run = run[:len(run) - (len(run) % 4 == 1)]
                    data = base64.b64decode(run + "=" * (-len(run) % 4), altchars)
                    if is_text(data) or has_text(data) or data.startswith((b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"\x1f\x8b\x08",
                                                         b"PK\x03\x04")):
                        return True
    return False


def naive(text):
    found = labelled(text)
    if re.search(BEFORE + r"(?!000|666|9)\d{3}[- ](?!00)\d\d[- ](?!0000)\d{4}" + BEHIND, text):
        found.add("phi-ssn")
    if re.search(BEFORE + r"(?:1[-. /])?\d{3}[-. /]\d{3}[-. /]\d{4}" + BEHIND, text):
        found.add("phi-phone")
    for m in all_from(BEFORE + r"\+(?=\d)", text):
        if any(8 <= len(n) <= 15 for n in chains(text, m.start() + 1, "-. /")):
            found.add("phi-phone")
    for m in all_from(rf"[A-Za-z0-9\u0080-\U0010ffff._+~=#$'/|-]@({LETTER}[-.0-9A-Za-z\u0080-\U0010ffff]*)", text):
        if re.search(rf"\.{LETTER}{{2,}}(?![A-Za-z\u0080-\U0010ffff0-9])", m[1]):
            found.add("phi-email")
    if is_date(text):
        found.add("phi-date")
    ltr = "[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]"
    any_ = "[0-9AC-HJKMNP-RT-Yac-hjkmnp-rt-y]"
    if any(re.search(BEFORE + rf"[1-9]{ltr}{any_}\d{sep}{ltr}{any_}\d{sep}{ltr}{ltr}\d\d" + BEHIND, text)
           for sep in ("", "-", " ")):
        found.add("phi-mbi")
    if is_card(text):
        found.add("phi-card")
    if is_blob(text):
        found.add("phi-blob")
    order = ["phi-ssn", "phi-phone", "phi-email", "phi-date", "phi-mbi", "phi-card", "phi-mrn", "phi-blob"]
    return next((rule for rule in order if rule in found), "-")


def values(rng):
    def digits(n):
        return "".join(rng.choice("0123456789") for _ in range(n))
    cards = ["4111111111111111", "378282246310005", "6011111111111117", "30569309025904", "4222222222222"]
    b64 = [base64.b64encode(t.encode()).decode().rstrip("=") for t in ("Jane Doe has chest pain", "Zeile\n\u00fcber alles")]
    pieces = [lambda: digits(rng.choice((1, 2, 2, 3, 3, 4, 4, 7, 8, 9, 10, 11, 13))),
              lambda: rng.choice(("-", ".", "/", " ", ":", "_", "#", "=", "+", "@", "'", "-", "-")),
              lambda: rng.choice(("ssn", "tel", "phone", "Mobile", "cell", "dob", "Birth", "born", "MRN", "mrn", "no", "fax",
                                  "patientMrn", "birthDate", "number", "hotel", "x", "v", "A", "\u00e9", "data", "com", "1EG4",
                                  "TE5", "MK73", "1EG4TE5MK73", "example.org", "a.b", "io")),
              lambda: rng.choice(("19", "20")) + digits(2) + rng.choice("-./") + digits(2) + rng.choice("-./") + digits(2),
              lambda: "%s-%s-%s" % (digits(3), digits(rng.choice((2, 3))), digits(4)),
              lambda: rng.choice(cards), lambda: rng.choice(b64), lambda: "x@" + rng.choice(("a.io", "1.de", "b.c2", "m.n.org")),
              lambda: "".join(rng.choice("ABab01_-") for _ in range(9))]
    while True:
        text = "".join(rng.choice(pieces)() for _ in range(rng.randint(1, 7)))
        if re.fullmatch(r"[^ ]+(?: [^ ]+){0,3}", text) and len(text) <= 64:
            yield text


def main():
    rng, count = random.Random(int(sys.argv[2])), int(sys.argv[3])
    wanted = [text for text, _ in zip(values(rng), range(count))]
    base = {"event_type": "phi_read", "user_id": "u", "user_role": "r", "patient_id": "p", "resource_type": "Patient",
            "source_ip": "::1", "service_component": "c", "request_id": "r"}
    run = subprocess.run([sys.argv[1]], input="".join(json.dumps({**base, "use_case": t}) + "\n" for t in wanted),
                         capture_output=True, encoding="utf-8", check=False)
    got = ["-"] * count
    for message in run.stderr.splitlines():
        part = message.split(":")
        if len(part) > 3:
            got[int(part[2]) - 1] = message[message.rindex("[") + 1:-1]
    bad = [(t, naive(t), g) for t, g in zip(wanted, got) if naive(t) != g]
    for text, want, have in bad[:20]:
        print(f"{text!r}: naive {want}, audit-emit {have}")
    print(f"{count} values, {sum(g != '-' for g in got)} refused, {len(bad)} disagreements")
    return 1 if bad else 0


sys.exit(main())
