"""Whatever a batch file names, nothing of it runs."""

import io
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.cifar_pickle import read_batch
from core.errors import DataError

# As Python 2 and numpy 1 wrote them: protocol 2, a byte string for the numbers.
OLD = (
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85U\x01b\x87Rq\x05"
    b"(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01\x87Rq\x07(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t"
    b"b\x89U\x06\x00\x01\x02\xfd\xfe\xfftbU\x06labelsq\x08]q\t(K\x03K\x01eu."
)


def test_a_batch_of_python_2_is_read(tmp_path):
    (tmp_path / "x").write_bytes(OLD)
    found = read_batch(tmp_path / "x")
    assert found["labels"] == [3, 1]
    assert found["data"].dtype == np.uint8
    assert found["data"].tolist() == [[0, 1, 2], [253, 254, 255]]


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", ">i4", "<f8", "bool"])
def test_every_protocol_of_today_is_read(tmp_path, protocol, dtype):
    data = np.arange(12).reshape(3, 4).astype(dtype)
    for array in (data, np.asfortranarray(data)):
        (tmp_path / "x").write_bytes(pickle.dumps({"data": array, "names": ["é", b"\xff"]}, protocol=protocol))
        found = read_batch(tmp_path / "x")
        assert np.array_equal(found["data"], data)
        assert found["data"].dtype == data.dtype
        assert found["names"] == ["é", b"\xff"]


class _Hostile:
    def __init__(self, call, *arguments):
        self.parts = call, arguments

    def __reduce__(self):
        return self.parts


@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize("call", [os.system, eval, exec, np.load, getattr, __import__])
def test_hostile_batches_run_nothing(tmp_path, protocol, call):
    mark = tmp_path / "ran"
    argument = f"touch {mark}" if call is os.system else f"open({str(mark)!r}, 'w')"
    (tmp_path / "x").write_bytes(pickle.dumps({"data": _Hostile(call, argument)}, protocol=protocol))
    with pytest.raises(DataError, match="is no CIFAR batch: it names"):
        read_batch(tmp_path / "x")
    assert not mark.exists()


def test_arrays_of_objects_are_refused(tmp_path):
    (tmp_path / "x").write_bytes(pickle.dumps({"data": np.array([{}], dtype=object)}, protocol=2))
    with pytest.raises(DataError, match="something else than numbers"):
        read_batch(tmp_path / "x")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80",
        b"hello",
        pickle.dumps([1, 2]),
        OLD[:-9],
        # A place in the memo far beyond all memory, and bytes that are not there.
        b"\x80\x02Nr" + struct.pack("<I", 2**32 - 1) + b".",
        b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b".",
        b"\x80\x05\x96" + struct.pack("<Q", 2**62) + b".",
        # State set on the stand-ins themselves.
        b"\x80\x02cnumpy\ndtype\n}U\x01aK\x01sb.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nN}U\x08__init__K\x01s\x86b.",
        b"(" * 10_000 + b".",
    ],
)
def test_what_is_no_batch_gets_a_sentence(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match="CIFAR batch") as caught:
        read_batch(tmp_path / "x")
    assert "\n" not in str(caught.value)


def test_a_missing_and_a_huge_file_get_a_sentence(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_batch(tmp_path / "none")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(300_000_000)
    with pytest.raises(DataError, match="more than 250 MB"):
        read_batch(tmp_path / "huge")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(place=st.integers(0), change=st.integers(1, 255))
def test_a_damaged_batch_is_read_or_refused(tmp_path, place, change):
    data = bytearray(OLD)
    data[place % len(data)] ^= change
    (tmp_path / "x").write_bytes(data)
    try:
        read_batch(tmp_path / "x")
    except DataError as fault:
        assert "\n" not in str(fault)  # noqa: PT017


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    try:
        read_batch(tmp_path / "x")
    except DataError as fault:
        assert "\n" not in str(fault)  # noqa: PT017
    else:
        assert isinstance(pickle.load(io.BytesIO(content)), dict)
