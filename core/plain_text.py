"""Text of others, fit to be written on a terminal or a page: nothing in it is a command, and it has an end."""

import re
from typing import Final

MOST_LETTERS: Final = 1000
_MOST_OF_A_WORD: Final = 200
_LONG_WORD = re.compile(rf"\S{{{_MOST_OF_A_WORD + 1},}}")
# Terminal escapes, halves of letters, line separators, and what turns the direction of writing.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    r"""Return text with control characters and marks of direction written out; tabs and line ends stay.

    >>> printable("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    return _CONTROL.sub(lambda found: _written(found[0]), text)


def after_colon(text: str) -> str:
    """Return a sentence as it goes on after a colon: its first word in lower case, unless that is a name.

    >>> after_colon("A tree can only split."), after_colon("Branchwise compares 2 to 40 tasks."), after_colon("NPZ")
    ('a tree can only split.', 'Branchwise compares 2 to 40 tasks.', 'NPZ')
    """
    first = text.split(" ", 1)[0]
    is_name = first == "Branchwise" or any(letter.isupper() for letter in first[1:])
    return text if is_name else f"{text[:1].lower()}{text[1:]}"


def sentence(text: str) -> str:
    """Return a message: printable, its long words shortened, and whole only up to ``MOST_LETTERS``.

    The end stays where something is left out, because it says what to do.
    """
    # What is far too long is cut first, so that a message of 100 MB costs nothing.
    kept = _cut(text, 20 * MOST_LETTERS)
    words = _LONG_WORD.sub(lambda found: _cut(found[0], _MOST_OF_A_WORD), printable(kept))
    return _cut(words, MOST_LETTERS)


def _written(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - end - 1]}…{text[-end:]}"
