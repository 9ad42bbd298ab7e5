"""Zip files from anywhere, unpacked to stated sizes whatever their directory says."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Final

from core.errors import printable

_CHUNK: Final = 1 << 16
_DIRECTORY_ENTRY: Final = b"PK\x01\x02"
_MEMBER: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

# What zipfile raises for damaged, encrypted or foreign files.
DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    # A place that no file is large enough to have.
    OverflowError,
)


class TooLarge(zipfile.BadZipFile):
    """A zip file with more members, or larger ones, than its reader allows."""


class CutShort(zipfile.BadZipFile):
    """A zip file whose end is missing, or a member of one that can't be unpacked; its text names the member."""


def read_zip(
    data: bytes, limit: Callable[[str], int], *, most_bytes: int, most_members: int, wanted: Callable[[str], bool]
) -> dict[str, bytes]:
    """Return member → content of a zip file, each name once.

    Nothing is trusted but the bytes that really come out: they are counted while they are unpacked, and the
    entries of the directory are counted before it is read.

    Args:
        data: The file.
        limit: Returns the most bytes that a member may unpack to; may raise for a name that does not belong.
        most_bytes: Most bytes of all members together.
        most_members: Most members.
        wanted: Whether a member is unpacked; the others are checked by what the directory says of them.

    Raises:
        TooLarge: There are too many members or bytes.
        CutShort: The end of the file is missing, or a member is damaged.
        zipfile.BadZipFile: A member is there twice, encrypted, or compressed in a way other than Deflate.
        Exception: One of ``DAMAGE``, as ``zipfile`` has it for damaged files.
    """
    # Before the directory becomes objects, which take ten times its size.
    if data.count(_DIRECTORY_ENTRY) > most_members:
        raise TooLarge(f"it has more than {most_members:,} members")
    _check_whole(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        for member in members:
            most = min(limit(member.filename), most_bytes)
            if member.file_size > most:
                raise TooLarge(
                    f"{_plain(member.filename)} unpacks to {member.file_size:,} bytes; at most {most:,} are allowed"
                )
        found: dict[str, bytes] = {}
        left, seen = most_bytes, set[str]()
        for member in members:
            if member.filename in seen:
                raise zipfile.BadZipFile(f"it holds {_plain(member.filename)} twice")
            seen.add(member.filename)
            if wanted(member.filename):
                found[member.filename] = _read(archive, member, min(limit(member.filename), left))
                left -= len(found[member.filename])
    return found


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    # Other methods unpack a whole chunk at once, however much comes out of it.
    if member.compress_type not in _METHODS:
        raise zipfile.BadZipFile(f"{_plain(member.filename)} is compressed in an unusual way")
    content = bytearray()
    try:
        with archive.open(member) as file:
            while chunk := file.read(_CHUNK):
                content += chunk
                if len(content) > most:
                    raise TooLarge(f"{_plain(member.filename)} unpacks to more than {most:,} bytes")
    except TooLarge:
        raise
    except (zlib.error, EOFError, zipfile.BadZipFile) as fault:
        raise CutShort(f"{_plain(member.filename)} in it can't be unpacked") from fault
    return bytes(content)


def _check_whole(data: bytes) -> None:
    """Raise CutShort if a zip file has lost its end.

    An archive inside it ends as a zip file does, and would be read in its place.
    """
    end = data.rfind(_END)
    if not data.startswith(_MEMBER) or (end >= 0 and _first_place(data, end) == 0):
        return
    size = struct.unpack_from("<H", data, 26)[0] if len(data) >= 30 else 0
    first = data[30 : 30 + size].decode("utf-8", "replace")
    raise CutShort(f"it is cut short, and begins with {_plain(first) if first else 'nothing'}")


def _first_place(data: bytes, end: int) -> int:
    """Return where the members begin whose directory stands before ``end``; -1 where it can't be told."""
    if len(data) < end + 22:
        return -1
    size, start = struct.unpack_from("<II", data, end + 12)
    # Larger files write these numbers elsewhere.
    return 0 if 2**32 - 1 in (size, start) else end - size - start


def _plain(name: str) -> str:
    return printable(name, 80)
