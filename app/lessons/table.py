"""The table of a lesson as HTML: for pages without a server, and for those who follow a class."""

from html import escape

from app.lessons.figure import Rows


def table_html(found: Rows) -> str:
    """Return a table as HTML; where it is wider than the screen it is scrolled by itself.

    Args:
        found: The table.
    """
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in found.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in found.rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(found.caption)}"><table><thead><tr>{head}'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )
