"""Damage files as disks, editors and strangers do; every damage follows from its seed."""

import io
import random
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

PAGE = 4096
WORDS = (
    b"", b"0", b"-1", b"1e400", b"NaN", b"inf", b"9" * 400, b"null", b"[[[[" * 200, b"{", b'"\\ud800"', b"\xff\xfe",
    b"\x00", b"\x1b[31m", "\u202e".encode(), b"a" * 5000, b"../../etc/passwd", b"=1+1", b"True", b"1,5",
    b"\r", b"\n\n", b"<a href=x>",
)  # fmt: skip
CELLS = (
    None, "", "x", "{", "[]", "[1]", "{}", '{"a":1}', "null", "1e999", 0, -1, 2**60, 1.5, float("inf"), -1e308, 1e300,
    b"\xff\xfe", b"", "a" * 10_000, "[[[[" * 5_000, '"\\ud800"',
)  # fmt: skip
TABLES = ("studies", "studies", "runs", "runs", "progress", "log", "host", "study_runs", "run_parents")


def of_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with some changed, cut off, repeated or replaced by awkward words."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        place = rng.randrange(len(changed) + 1)
        length = min(rng.choice((1, 1, 4, 50, 1000)), len(changed) - place)
        kind = rng.randrange(6)
        if kind == 0:
            changed[place : place + length] = rng.randbytes(length)
        elif kind == 1:
            del changed[place : place + length]
        elif kind == 2:
            changed[place:place] = changed[place : place + length]
        elif kind == 3:
            changed[place:place] = rng.choice(WORDS)
        elif kind == 4:
            changed[place : place + length] = rng.choice(WORDS)
        elif rng.random() < 0.3:
            del changed[place:]
    return bytes(changed)


def of_text(data: bytes, rng: random.Random) -> bytes:
    """Return text in which a value, as punctuation bounds it, is replaced by an awkward one."""
    if rng.random() < 0.3:
        return of_bytes(data, rng)
    text = data
    for _ in range(rng.choice((1, 1, 1, 2))):
        bounds = [place for place, letter in enumerate(text) if letter in b',;:"=[]{}\n\t ']
        if not bounds:
            return text
        start = rng.choice(bounds) + 1
        end = next((place for place in bounds if place >= start), len(text))
        text = text[:start] + rng.choice(WORDS) + text[end:]
    return text


def of_zip(data: bytes, rng: random.Random) -> bytes:
    """Return a zip file of which a member is damaged, missing, twice there, or the file itself is damaged."""
    if rng.random() < 0.3:
        return of_bytes(data, rng)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    place = rng.randrange(len(members))
    name, content = members[place]
    kind = rng.randrange(5)
    if kind <= 2:
        members[place] = (name, (of_text if kind else of_bytes)(content, rng))
    elif kind == 3:
        del members[place]
    else:
        members.append((name if rng.random() < 0.5 else "../" + name, content))
    whole = io.BytesIO()
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # two members of one name
        for name, content in members:
            archive.writestr(name, content)
    return whole.getvalue()


def of_database(file: Path, rng: random.Random) -> str:
    """Damage a database file and return how: header, pages, a page of zeros, single bits, the end, or cells."""
    damages: dict[str, Callable[[bytearray, random.Random], None]] = {
        "header": _header,
        "one page": _one_page,
        "many pages": _many_pages,
        "a page of zeros": _zeros,
        "bits": _bits,
        "cut off": _cut,
    }
    kind = rng.choice((*damages, "cells", "cells", "cells"))
    if kind == "cells":
        _cells(file, rng)
        return kind
    data = bytearray(file.read_bytes())
    damages[kind](data, rng)
    file.write_bytes(bytes(data))
    return kind


def _header(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(100)] = rng.randrange(256)


def _one_page(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data) // PAGE) * PAGE
    for _ in range(rng.randint(1, 20)):
        data[start + rng.randrange(PAGE)] = rng.randrange(256)


def _many_pages(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(20, 200)):
        data[rng.randrange(len(data))] = rng.randrange(256)


def _zeros(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data) // PAGE) * PAGE
    data[start : start + PAGE] = bytes(PAGE)


def _bits(data: bytearray, rng: random.Random) -> None:
    for _ in range(300):
        data[rng.randrange(PAGE, len(data))] ^= 1 << rng.randrange(8)


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data)) :]


def _cells(file: Path, rng: random.Random) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for _ in range(rng.randint(1, 5)):
            table = rng.choice(TABLES)
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            n_rows = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            if not n_rows:
                continue
            one, other = columns[:2]
            row = connection.execute(
                f"SELECT {one}, {other} FROM {table} LIMIT 1 OFFSET ?", (rng.randrange(n_rows),)
            ).fetchone()
            value = rng.choice(CELLS)
            # As text, bytes that are none stay what they are.
            mark = "CAST(? AS TEXT)" if isinstance(value, bytes) and rng.random() < 0.5 else "?"
            with suppress(sqlite3.IntegrityError):
                connection.execute(
                    f"UPDATE {table} SET {rng.choice(columns)} = {mark} WHERE {one} IS ? AND {other} IS ?",
                    (value, *row),
                )
        connection.commit()
