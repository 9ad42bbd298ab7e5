"""Layouts in URLs: short, readable and complete, so that a link needs no database."""

from core.errors import LayoutError
from core.layouts import Layout


class DamagedLinkError(LayoutError):
    """The code of a layout can't be read, whichever study it is of."""


# Ten tasks over sixteen blocks need about 200 characters; a longer code is invalid.
MAX_CODE = 6000


def layout_code(layout: Layout) -> str:
    """Return the layout as text for a URL; only blocks where something splits are written.

    >>> layout_code(Layout.parse("0,1,2 | 0,1,2 | 0,1;2"))
    '3!0:0.1.2!2:0.1_2'
    """
    parts = [str(layout.n_blocks)]
    before: object = None
    for block, partition in enumerate(layout.partitions):
        if partition != before:
            parts.append(f"{block}:" + "_".join(".".join(map(str, group)) for group in partition))
        before = partition
    return "!".join(parts)


def layout_from_code(code: str, n_tasks: int, n_blocks: int) -> Layout:
    """Return the layout encoded in a URL.

    Raises:
        DamagedLinkError: The code is malformed.
        LayoutError: It belongs to another study.
    """
    if len(code) > MAX_CODE:
        raise DamagedLinkError("The layout in this link is too long. Open the page without it.")
    try:
        head, *changes = code.split("!")
        starts = [change.split(":") for change in changes]
        partitions = {
            int(block): [[int(task) for task in group.split(".")] for group in groups.split("_")]
            for block, groups in starts
        }
        count = int(head)
    except ValueError:
        raise DamagedLinkError("The layout in this link is damaged. Open the page without it.") from None
    if count != n_blocks or 0 not in partitions or not all(0 <= block < count for block in partitions):
        raise LayoutError("The layout in this link belongs to another study. Open the page without it.")
    latest, rows = partitions[0], []
    for block in range(count):
        latest = partitions.get(block, latest)
        rows.append(latest)
    try:
        layout = Layout.of(rows)
    except LayoutError:
        # The layout's own message repeats what it was given, thousands of digits if need be.
        raise DamagedLinkError("The layout in this link is not a tree of tasks. Open the page without it.") from None
    if layout.n_tasks != n_tasks:
        raise LayoutError("The layout in this link belongs to another study. Open the page without it.")
    return layout
