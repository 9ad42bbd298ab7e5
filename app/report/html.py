"""A report as one HTML file that opens offline."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from app.components.standalone import Placed, page, stand
from app.report.model import (
    Bullets,
    Code,
    DraggedPlane,
    Facts,
    Figure,
    Heading,
    Paragraph,
    Part,
    Report,
    Section,
    Strip,
    Strips,
    Table,
)
from core.plain_text import printable

_STYLE = Path(__file__).parent / "report.css"


def html_report(report: Report) -> str:
    """Return a report as the text of an HTML file.

    Args:
        report: What it says.
    """
    links = "".join(f'<li><a href="#{section.code}">{_text(section.title)}</a></li>' for section in report.sections)
    body = (
        f'<a class="skip" href="#{report.sections[0].code}">Skip to the first section</a>\n'
        f'<header><h1>{_text(report.title)}</h1>\n<p class="question">{_text(report.question)}</p>\n'
        f'<p class="quiet">{_text(report.made)}</p></header>\n'
        f'<nav aria-label="Contents"><ol>{links}</ol></nav>\n'
        f"<main>\n{''.join(map(_section, report.sections))}</main>"
    )
    placed = [
        Placed(_place(section), part.component, part.data)
        for section in report.sections
        for part in section.parts
        if isinstance(part, DraggedPlane)
    ]
    return page(printable(report.title), body, _STYLE.read_text(encoding="utf-8"), placed)


def _place(section: Section) -> str:
    return f"{section.code}-figure"


def _section(section: Section) -> str:
    parts = "\n".join(_part(part, section) for part in section.parts)
    return (
        f'<section id="{section.code}" aria-labelledby="{section.code}-title">\n'
        f'<h2 id="{section.code}-title">{_text(section.title)}</h2>\n{parts}\n</section>\n'
    )


def _part(part: Part, section: Section) -> str:
    match part:
        case Paragraph(text, quiet):
            return f'<p class="quiet">{_text(text)}</p>' if quiet else f"<p>{_text(text)}</p>"
        case Heading(text):
            return f"<h3>{_text(text)}</h3>"
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>"
        case Facts(rows, large):
            return _tiles(rows) if large else _facts(rows)
        case Table():
            return _table(part)
        case Strips(rows):
            return f'<div class="strips">{"".join(map(_strip, rows))}</div>'
        case Figure(svg, caption):
            return f"<figure>{svg}<figcaption>{_text(caption)}</figcaption></figure>"
        case DraggedPlane():
            # What a reader without scripts sees; the script of the component takes its place.
            still = f"<noscript><figure>{part.still}<figcaption>{_text(part.caption)}</figcaption></figure></noscript>"
            return stand(_place(section)) + still
        case Code(text, title, on_paper):
            lines = f'<pre tabindex="0">{_text(text)}</pre>'
            if on_paper:
                return f'<details class="code"><summary>{_text(title)}. {_text(on_paper)}</summary>{lines}</details>'
            return f'<figure class="code"><figcaption>{_text(title)}</figcaption>{lines}</figure>'


def _tiles(rows: Sequence[Sequence[str]]) -> str:
    tiles = "".join(
        f"<div><dt>{_text(name)}</dt><dd><b>{_text(value)}</b> <span>{_text(remark)}</span></dd></div>"
        for name, value, remark in rows
    )
    return f'<dl class="tiles">{tiles}</dl>'


def _facts(rows: Sequence[Sequence[str]]) -> str:
    return f'<dl class="facts">{"".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in rows)}</dl>'


def _table(table: Table) -> str:
    kinds = ["words" if place in table.words else "number" for place in range(len(table.columns))]
    head = "".join(
        f'<th scope="col" class="{kind}">{_text(title)}</th>' for title, kind in zip(table.columns, kinds, strict=True)
    )
    rows = "".join(f"<tr>{''.join(map(_cell, row, kinds, range(len(row))))}</tr>" for row in table.rows)
    caption = _text(table.caption)
    # A wide table is scrolled by itself, also by keyboard.
    return (
        f'<figure class="table"><figcaption>{caption}</figcaption>'
        f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}"><table aria-label="{caption}">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></figure>"
    )


def _cell(words: str, kind: str, place: int) -> str:
    if place == 0:
        return f'<th scope="row" class="{kind}">{_text(words)}</th>'
    return f'<td class="{kind}">{_text(words)}</td>'


def _strip(strip: Strip) -> str:
    picture = ""
    if strip.png:
        data = base64.b64encode(strip.png).decode()
        # As many as there is room for have one size, whatever their number.
        picture = f'<img class="of-{strip.n_pictures}" src="data:image/png;base64,{data}" alt="{_text(strip.alt)}">'
    return (
        f"<div><p><b>{_text(strip.name)}</b></p>{picture or '<span></span>'}"
        f'<p class="quiet">{_text(strip.remark)}</p></div>'
    )


def _text(words: str) -> str:
    """Return text as markup; neither a percent sign nor a delta begins a line."""
    return escape(printable(words)).replace(" %", "\u00a0%").replace(" Δ", "\u00a0Δ")
