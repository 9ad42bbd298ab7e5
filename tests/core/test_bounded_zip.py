import io
import random
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bounded_zip import DAMAGE, TooLarge, read_zip


def zipped(parts, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(data, most=1000, **options):
    return read_zip(data, lambda _: most, **{"most_bytes": most, "most_members": 5, "wanted": lambda _: True} | options)


def lying(content, claimed):
    """Give a zip whose directory and header claim ``claimed`` bytes for its one member of other size."""
    data, true = bytearray(zipped({"a": content})), len(content).to_bytes(4, "little")
    assert data.count(true) == 2
    return bytes(data.replace(true, claimed.to_bytes(4, "little")))


def test_members_come_out_as_they_went_in():
    parts = {"a": b"one", "b": b"x" * 1000, "c": b""}
    assert read(zipped(parts), 2000) == parts
    assert read(zipped(parts, zipfile.ZIP_STORED), 2000, wanted=lambda name: name != "b") == {"a": b"one", "c": b""}


def test_a_member_may_be_exactly_as_large_as_allowed():
    assert len(read(zipped({"a": b"x" * 1000}))["a"]) == 1000
    with pytest.raises(TooLarge, match="1,001 bytes"):
        read(zipped({"a": b"x" * 1001}))


def test_all_members_together_are_limited():
    with pytest.raises(TooLarge, match="more than 400 bytes"):
        read(zipped({"a": b"x" * 600, "b": b"x" * 600}), 700, most_bytes=1000)


def test_a_directory_that_lies_does_not_cost_memory():
    data = lying(b"\0" * 50_000_000, 100)
    tracemalloc.start()
    try:
        with pytest.raises(zipfile.BadZipFile):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_can_not_be_read_in_parts_are_refused(method):
    with pytest.raises(zipfile.BadZipFile, match="unusual way"):
        read(zipped({"a": b"x"}, method))


def test_a_directory_of_many_entries_is_not_read():
    data = zipped({f"{number}": b"" for number in range(6)})
    with pytest.raises(TooLarge, match="more than 5 members"):
        read(data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused():
    buffer = io.BytesIO(zipped({"a": b"1"}))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("a", b"2")
    with pytest.raises(zipfile.BadZipFile, match="a twice"):
        read(buffer.getvalue())


def placed_at(offset):
    """Give a zip whose directory says, in eight bytes, that its one member begins at ``offset``."""
    data = zipped({"a": b"one"})
    directory = data.index(b"PK\1\2")
    entry, end = bytearray(data[directory:-22]), bytearray(data[-22:])
    extra = struct.pack("<HHQ", 1, 8, offset)
    entry[30:32], entry[42:46] = struct.pack("<H", len(extra)), b"\xff" * 4
    end[12:16] = struct.pack("<I", len(entry) + len(extra))
    return data[:directory] + bytes(entry) + extra + bytes(end)


@pytest.mark.parametrize("offset", [2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_member_that_begins_beyond_any_file_is_damage(offset):
    with pytest.raises(DAMAGE):
        read(placed_at(offset))


@given(st.integers(0, 2**32 - 1))
def test_a_directory_that_lies_is_read_or_is_damage(seed):
    """Counts, sizes, places and flags, also those of eight bytes, are numbers that mean something else."""
    rng = random.Random(seed)
    data = bytearray(rng.choice((zipped({"a": b"one" * 50, "b": b"two"}), placed_at(0))))
    for _ in range(rng.randint(1, 4)):
        mark = rng.choice((b"PK\1\2", b"PK\3\4", b"PK\5\6"))
        kind = rng.choice("BHIQ")
        place = min(data.rfind(mark) + rng.randint(4, 60), len(data) - 8)
        value = rng.choice((0, 1, 2**31, 2**63, 2**64 - 1)) % 256 ** struct.calcsize(kind)
        struct.pack_into(f"<{kind}", data, place, value)
    try:
        assert sum(map(len, read(bytes(data), 5000).values())) <= 5000
    except DAMAGE:
        return
