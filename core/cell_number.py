"""The number that a cell's text means: signs, separators and percent signs as people and spreadsheets write them."""

import re
from collections.abc import Iterable
from typing import Final

# Hyphens and dashes that stand for a minus before a number.
_MINUS: Final = str.maketrans(dict.fromkeys("−–‒‐‑﹣-", "-"))
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_INFINITY: Final = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
_PERCENT: Final = re.compile(r"\s*[%٪%]$")
# Spaces and apostrophes between groups of three digits.
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([ \u00a0\u2009\u202f'’])\d{3})(?:\1\d{3})*([.,]\d+)?", re.ASCII)
_GROUPS: Final = r"[+-]?[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"
_POINTS: Final = re.compile(_GROUPS.format(mark=r"\."), re.ASCII)
_COMMAS: Final = re.compile(_GROUPS.format(mark=","), re.ASCII)
# As programs write most numbers: nothing about them is open. Three decimals may be thousands.
_PLAIN: Final = re.compile(r"-?(?:0\.\d+|\d+(?:\.(?:\d{1,2}|\d{4,}))?)", re.ASCII)
_NOTHING: Final = frozenset({"nan", "na", "n/a", "#n/a", "#na", "<na>", "null", "none", "-", "--", "–", "—", "−"})


class AmbiguousNumberError(ValueError):
    """A text that means two numbers, such as ``1,234``; its value says which."""


def means_nothing(text: str) -> bool:
    """Return whether a text in a column of numbers says that there is none: empty, ``NaN``, ``n/a``, a dash."""
    stripped = text.strip().casefold()
    return not stripped or stripped in _NOTHING


def is_percentage(text: str) -> bool:
    """Return whether a text ends in a percent sign."""
    return _PERCENT.search(text.strip()) is not None


def number_of(text: str, *, decimal: str = "") -> float | None:
    """Return the number a text means, or None where it means none.

    ``1,5`` and ``1.5`` are one and a half, ``1.2 %`` is 1.2; ``1,234.5``, ``1.234,5`` and ``1 234,5`` have
    thousands. What a single comma or point before three digits means only the other cells can tell.

    Args:
        text: Of the cell.
        decimal: The decimal marks of the other cells, as ``decimal_marks`` returns them.

    Raises:
        AmbiguousNumberError: The text means two numbers.

    >>> number_of("−1,5 %"), number_of("1.234,5"), number_of("12"), number_of("twelve")
    (-1.5, 1234.5, 12.0, None)
    """
    if _PLAIN.fullmatch(text):
        return float(text)
    written = _stripped(text)
    if _INFINITY.fullmatch(written):
        return float("-inf") if written.startswith("-") else float("inf")
    plain = _with_point(written, decimal)
    return float(plain) if _NUMBER.fullmatch(plain) else None


def decimal_marks(texts: Iterable[str], *, comma_likely: bool = False) -> str:
    """Return which marks are surely decimal in some cells of a file: a comma, a point, both or none.

    Args:
        texts: The cells.
        comma_likely: Whether a comma before three digits is decimal where nothing tells: cells parted by semicolons.

    >>> decimal_marks(["1,5", "1,234"]), decimal_marks(["1.234", "2"]), decimal_marks(["1,5", "2.5"])
    (',', '', ',.')
    """
    found: set[str] = set()
    open_comma = False
    for text in texts:
        marks = {mark for mark in ",." if mark in text}
        if len(marks) < 2 and marks <= found:
            # It says nothing new.
            continue
        written = _stripped(text)
        comma, point = written.rfind(","), written.rfind(".")
        if (comma < 0 and point < 0) or not _NUMBER.fullmatch(_with_point(written, "," if comma >= 0 else ".")):
            continue
        if comma >= 0 and point >= 0:
            found.add(max(",", ".", key=written.rfind))
        elif not (_COMMAS if comma >= 0 else _POINTS).fullmatch(written):
            found.add("," if comma >= 0 else ".")
        else:
            open_comma |= comma >= 0 and written.count(",") == 1
    if not found and open_comma and comma_likely:
        return ","
    return "".join(sorted(found))


def _stripped(text: str) -> str:
    """Return the text without percent sign and spaces between thousands, its minus a hyphen."""
    written = _PERCENT.sub("", text.strip()).translate(_MINUS)
    grouped = _GROUPED.fullmatch(written)
    return written.replace(grouped[1], "") if grouped else written


def _with_point(written: str, decimal: str) -> str:
    """Return a number's text with a decimal point and without thousands."""
    comma, point = written.rfind(","), written.rfind(".")
    if comma >= 0 and point >= 0:
        # The last mark is the decimal one, the other parts thousands.
        mark, other = (",", ".") if comma > point else (".", ",")
        whole, _, rest = written.rpartition(mark)
        return f"{whole.replace(other, '')}.{rest}" if (_POINTS, _COMMAS)[other == ","].fullmatch(whole) else written
    if comma < 0:
        if not _POINTS.fullmatch(written):
            return written
        if written.count(".") == 1 and "," in decimal:
            raise AmbiguousNumberError(f"{written} or {written.replace('.', '')}")
        return written if written.count(".") == 1 else written.replace(".", "")
    if decimal == "," or not _COMMAS.fullmatch(written):
        return written.replace(",", ".")
    if written.count(",") == 1 and decimal != ".":
        raise AmbiguousNumberError(f"{written.replace(',', '.')} or {written.replace(',', '')}")
    return written.replace(",", "")
