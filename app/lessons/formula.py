"""Formulas of lessons for pages without a server: the part of LaTeX that lessons use, as MathML."""

import re
from html import escape
from typing import Final

from app.lessons.document import LessonError

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:[.,][0-9]+)*|\s+|.", re.DOTALL)
_LETTERS: Final = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "varepsilon": "ε",
    "lambda": "λ", "rho": "ρ", "sigma": "σ", "tau": "τ",
}  # fmt: skip
_OPERATORS: Final = {
    "cdot": "·", "times": "×", "le": "≤", "ge": "≥", "ne": "≠", "in": "∈", "cup": "∪", "cap": "∩", "emptyset": "∅",
    "dots": "…", "cdots": "⋯", "to": "→", "approx": "≈", "pm": "±", "mid": "|", "top": "⊤", "subset": "⊂",
    "subseteq": "⊆", "ldots": "…",
}  # fmt: skip
_FUNCTIONS: Final = ("max", "min", "log")
_SPACES: Final = (",", ";", " ", "quad", "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr")
_SUMS: Final = {"sum": "∑", "prod": "∏"}


def mathml(latex: str, *, display: bool = False) -> str:
    """Return a formula as MathML.

    Args:
        latex: Letters, digits, signs, ``_``, ``^``, ``\\frac``, ``\\sqrt``, ``\\sum``, ``\\text`` and Greek letters.
        display: Whether it stands on a line of its own.

    Raises:
        LessonError: It has a command that we don't draw.

    >>> mathml("2^{p_l}")
    '<math><msup><mn>2</mn><msub><mi>p</mi><mi>l</mi></msub></msup></math>'
    """
    reader = _Reader([token for token in _TOKEN.findall(latex) if not token.isspace()], latex)
    body = reader.row(stop="")
    return f'<math display="block">{body}</math>' if display else f"<math>{body}</math>"


class _Reader:
    """Reads tokens one after another.

    Args:
        tokens: Of the formula.
        whole: The formula, for messages.
    """

    def __init__(self, tokens: list[str], whole: str) -> None:
        self._tokens, self._at, self._whole = tokens, 0, whole

    def row(self, stop: str) -> str:
        """Return everything up to a token, or to the end."""
        found = ""
        while self._at < len(self._tokens) and self._tokens[self._at] != stop:
            found += self._scripted()
        self._at += 1
        return found

    def _scripted(self) -> str:
        base, is_sum = self._atom()
        low = high = ""
        while self._at < len(self._tokens) and self._tokens[self._at] in "_^":
            mark = self._tokens[self._at]
            self._at += 1
            script = self._argument()
            low, high = (script, high) if mark == "_" else (low, script)
        under, over, both = ("munder", "mover", "munderover") if is_sum else ("msub", "msup", "msubsup")
        if low and high:
            return f"<{both}>{base}{low}{high}</{both}>"
        if low:
            return f"<{under}>{base}{low}</{under}>"
        return f"<{over}>{base}{high}</{over}>" if high else base

    def _argument(self) -> str:
        """Return a group, or one atom, as one element."""
        if self._peek() != "{":
            return self._atom()[0]
        self._at += 1
        body = self.row("}")
        return body if _is_one(body) else f"<mrow>{body}</mrow>"

    def _atom(self) -> tuple[str, bool]:
        token = self._peek()
        self._at += 1
        if token == "{":
            return f"<mrow>{self.row('}')}</mrow>", False
        if token.startswith("\\"):
            return self._command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>", False
        if token.isalpha():
            return f"<mi>{token}</mi>", False
        return f"<mo>{escape('−' if token == '-' else token)}</mo>", False

    def _command(self, name: str) -> tuple[str, bool]:
        if name in _SUMS:
            return f'<mo movablelimits="false">{_SUMS[name]}</mo>', True
        if name in _SPACES:
            return "", False
        if name == "frac":
            return f"<mfrac>{self._argument()}{self._argument()}</mfrac>", False
        if name == "sqrt":
            return f"<msqrt>{self._argument()}</msqrt>", False
        if name == "hat":
            return f"<mover>{self._argument()}<mo>^</mo></mover>", False
        if name == "text":
            return f"<mtext>{escape(self._words())}</mtext>", False
        if name == "mathcal":
            return f'<mi mathvariant="script">{escape(self._words())}</mi>', False
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>", False
        if name in _OPERATORS:
            return f"<mo>{_OPERATORS[name]}</mo>", False
        if name in _FUNCTIONS:
            return f"<mi>{name}</mi>", False
        if name in ("{", "}", "%"):
            return f"<mo>{name}</mo>", False
        raise LessonError(f"The formula {self._whole[:60]} has \\{name}, which pages without a server can't draw.")

    def _words(self) -> str:
        """Return the letters of a group as they are written; spaces between words are written ``~``."""
        assert self._peek() == "{"
        end = self._tokens.index("}", self._at)
        words = "".join(self._tokens[self._at + 1 : end]).replace("~", "\u00a0")
        self._at = end + 1
        return words

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            raise LessonError(f"The formula {self._whole[:60]} ends where something should follow.")
        return self._tokens[self._at]


def _is_one(body: str) -> bool:
    """Return whether a row is one element with everything inside it."""
    depth = 0
    for place, tag in enumerate(tags := re.findall(r"<(/?)[a-z]+[^>]*>", body)):
        depth += -1 if tag else 1
        if depth == 0 and place < len(tags) - 1:
            return False
    return bool(tags)
