"""TOML files as people save them: with a byte order mark, as UTF-16, with a path of Windows in double quotes."""

import re
import tomllib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Any, Final

from core.errors import printable

_PLACE: Final = re.compile(r" \(at line (\d+), column \d+\)")
_SHOWN: Final = 80


class TomlError(ValueError):
    """A text that is no TOML; its message is a clause for a sentence that names the file."""


def read_toml(data: bytes) -> dict[str, Any]:
    """Return the document of a TOML file: UTF-8 with a byte order mark or without, or UTF-16 with one.

    Raises:
        TomlError: It is no text, or no TOML; the message says where and what to write instead.
    """
    try:
        text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        raise TomlError("is not UTF-8 text. Save it as UTF-8") from None
    return parse_toml(text)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the document of a TOML text.

    Raises:
        TomlError: It is no TOML; the message says where and what to write instead.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise TomlError(_clause(text, str(fault))) from None
    except ValueError:
        # Python reads no whole number of more than 4,300 digits.
        raise TomlError("holds a number with thousands of digits. Write a smaller one") from None


def _clause(text: str, fault: str) -> str:
    place = _PLACE.search(fault)
    lines = text.splitlines()
    number = int(place[1]) if place else 0
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    if "\\" in line and '"' in line:
        shown = printable(line, _SHOWN)
        return (
            f"has a backslash between double quotes in line {number}, where it begins a special character: {shown}. "
            "Write / instead, or put the text between single quotes"
        )
    return f"is not valid TOML: {''.join(c if c.isprintable() else '?' for c in fault)[:200]}"
