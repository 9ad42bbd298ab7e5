"""The prose of lessons: placeholders filled with computed numbers, and the Markdown that both kinds of page show."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape as html_escape

from app.lessons.document import Folded, LessonError
from app.lessons.formula import mathml
from app.ui.formatting import escape

# A formula's own digits, and the names of equations and tables, claim nothing that data could contradict.
_PLACEHOLDER = re.compile(r"\{\{([a-z0-9_]+)\}\}")
_MATH = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
_REFERENCE = re.compile(
    r"(?:Tables?|Eqs?\.?|Figures?|Fig\.|Algorithm|Theorem|Definition|[Ll]esson|§)[ \u00a0]?\d+(?:\.\d+)*"
)
_DIGIT = re.compile(r"(?<![\w-])[+−-]?\d[\d.,]*")
_INLINE = re.compile(r"\*\*(.+?)\*\*|\*(.+?)\*|`([^`]+)`|\$([^$\n]+)\$")
_UNIT = re.compile(r" (?=[%±])|(?<=±) |(?<=\d) (?=(?:ms|[kMG]B|[kMG])\b)")
_HTML_TAGS = ("strong", "em", "code")


def placeholders(text: str) -> list[str]:
    """Return the names of the placeholders in a text, in their order.

    >>> placeholders("Of {{n}} layouts {{best}} is the best.")
    ['n', 'best']
    """
    return _PLACEHOLDER.findall(text)


def bare_digits(text: str) -> list[str]:
    """Return the numbers that stand in a text as they are, not computed.

    >>> bare_digits("Of {{n}} layouts 51 are trees, by Eq 2 and $2^{p}$ in Table 1.")
    ['51']
    """
    without = text
    for pattern in (_MATH, _PLACEHOLDER, _REFERENCE):
        without = pattern.sub(" ", without)
    return _DIGIT.findall(without)


def markdown(text: str, values: Mapping[str, str]) -> str:
    """Return a text for Streamlit: placeholders filled, names as they are and never as markup.

    Args:
        text: Of a lesson.
        values: Placeholder → words.

    Raises:
        LessonError: A placeholder has no value.
    """

    def outside(words: str) -> str:
        return _together(_filled(words, values, escape))

    def inside(found: str) -> str:
        return _filled(found, values, lambda value: value.replace("%", r"\%").replace(" ", r"\,"))

    return _around_math(text, outside, inside)


def html(text: str, values: Mapping[str, str]) -> str:
    """Return a text as HTML: paragraphs, lists, headings, quotations and formulas.

    Args:
        text: Of a lesson.
        values: Placeholder → words.

    Raises:
        LessonError: A placeholder has no value, or a formula has a command that we don't draw.
    """
    return "\n".join(_block(block, values) for block in re.split(r"\n\s*\n", text.strip()) if block.strip())


def prose_html(part: str | Folded, values: Mapping[str, str]) -> str:
    """Return prose as HTML; what is folded opens by a click.

    Args:
        part: Of a section.
        values: Placeholder → words.
    """
    if isinstance(part, str):
        return html(part, values)
    return f"<details><summary>{inline_html(part.label, values)}</summary>\n{html(part.prose, values)}</details>"


def inline_html(text: str, values: Mapping[str, str]) -> str:
    """Return one line as HTML, without a paragraph around it.

    Args:
        text: Of a lesson.
        values: Placeholder → words.
    """
    found, end = "", 0
    for match in _INLINE.finditer(text):
        found += _plain(text[end : match.start()], values)
        *marked, formula = match.groups()
        if formula is not None:
            found += mathml(_filled(formula, values, str))
        else:
            tag, words = next((tag, words) for tag, words in zip(_HTML_TAGS, marked, strict=True) if words is not None)
            inner = _plain(words, values) if tag == "code" else inline_html(words, values)
            found += f"<{tag}>{inner}</{tag}>"
        end = match.end()
    return found + _plain(text[end:], values)


def plain(text: str, values: Mapping[str, str]) -> str:
    """Return a text for a Markdown file: placeholders filled.

    Args:
        text: Of a lesson.
        values: Placeholder → words.
    """
    return _filled(text, values, str)


def _block(block: str, values: Mapping[str, str]) -> str:
    lines = block.strip().splitlines()
    if block.strip().startswith("$$"):
        return f'<p class="formula">{mathml(_filled(block.strip().strip("$"), values, str), display=True)}</p>'
    if lines[0].startswith("### "):
        rest = "\n".join(lines[1:])
        return f"<h3>{inline_html(lines[0][4:], values)}</h3>" + (_block(rest, values) if rest.strip() else "")
    if lines[0].startswith("> "):
        inner = "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
        return f"<blockquote>{html(inner, values)}</blockquote>"
    if lines[0].startswith("- "):
        items = "".join(f"<li>{inline_html(item, values)}</li>" for item in _items(lines))
        return f"<ul>{items}</ul>"
    return f"<p>{inline_html(' '.join(line.strip() for line in lines), values)}</p>"


def _items(lines: Sequence[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line[2:].strip())
        else:
            items[-1] += f" {line.strip()}"
    return items


def _plain(text: str, values: Mapping[str, str]) -> str:
    return _together(html_escape(_filled(text, values, str), quote=False))


def _together(text: str) -> str:
    """Return a text in which neither the unit of a number nor a delta begins a line."""
    return _UNIT.sub("\u00a0", text).replace(" Δ", "\u00a0Δ")


def _filled(text: str, values: Mapping[str, str], written: Callable[[str], str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise LessonError(f"The placeholder {{{{{match[1]}}}}} has no value. Compute it in the lesson's module.")
        return written(values[match[1]])

    return _PLACEHOLDER.sub(value, text)


def _around_math(text: str, outside: Callable[[str], str], inside: Callable[[str], str]) -> str:
    found, end = "", 0
    for match in _MATH.finditer(text):
        before, formula, end = text[end : match.start()], match[0], match.end()
        # Outside of the formula it could begin a line.
        if not formula.startswith("$$") and text[end : end + 1] in {",", ".", ";"}:
            formula, end = f"{formula[:-1]}{text[end]}$", end + 1
        found += outside(before) + inside(formula)
    return found + outside(text[end:])
