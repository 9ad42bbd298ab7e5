"""Names and sentences in Plotly figures, which reads tags, entities, formulas and placeholders in every text."""

from html import escape

from core.plain_text import printable

_READ = str.maketrans({"$": "&#36;", "{": "&#123;", "}": "&#125;", "\n": " "})


def plotly_text(text: str) -> str:
    """Return text that Plotly shows as it is, in labels, legends, annotations and on hover.

    >>> plotly_text('<a href="x">%{y}</a>')
    '&lt;a href="x"&gt;%&#123;y&#125;&lt;/a&gt;'
    """
    # It knows few entities by name, quotes not among them.
    return escape(printable(text), quote=False).translate(_READ)
