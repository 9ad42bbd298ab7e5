"""Which task uses which piece of parameters, as an SVG text: one picture for networks of every family."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.charts import svg
from app.ui.formatting import amount, plural
from core.costs import Allocation, Unit

_LONGEST_NAME = 18
_MOST_COLUMNS = 24  # Of one block; of more, those that the same tasks use are drawn as one.
_LEAST_WIDTH = 12.0
_TOP, _AXIS, _LEGEND, _GAP = 6.0, 24.0, 24.0, 1.5
_LETTER = 0.61  # Width of a letter by its height.


@dataclass(frozen=True, slots=True)
class _Cell:
    """One piece in one column.

    Args:
        users: Tasks that use it; none for what is only kept.
        words: What it is.
        size: In the unit of the drawing.
    """

    users: tuple[int, ...]
    words: str
    size: float


@dataclass(frozen=True, slots=True)
class _Column:
    """Pieces of which every task uses at most one.

    Args:
        blocks: Of the backbone.
        cells: The pieces.
    """

    blocks: tuple[int, ...]
    cells: tuple[_Cell, ...]

    @property
    def size(self) -> float:
        """Size of the largest piece."""
        return max(cell.size for cell in self.cells)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where rows and columns lie.

    Args:
        rows: Row of each task.
        lane: Height of a row.
        lefts: Where columns begin; the last number is where the last one ends.
        letters: Size of letters.
    """

    rows: tuple[int, ...]
    lane: float
    lefts: tuple[float, ...]
    letters: float

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return _TOP + self.lane * len(self.rows)


def allocation_picture(allocation: Allocation, unit: Unit, *, width: float = 560.0, label: str = "") -> str:
    """Return pieces × tasks as an SVG text, in colours that a page or ``on_paper`` fills in.

    Columns are blocks from the input, or pieces of a block where a task uses several; a piece is as wide as it is
    large. A piece spans the rows of its tasks: grey where several use it, in the task's colour where
    one does, dashed where it is kept and no task uses it. Pieces that have no size in the unit are left out.

    Args:
        allocation: Which task uses which piece.
        unit: Unit of the sizes.
        width: Width of the drawing in its own units.
        label: Spoken description.
    """
    columns = _columns(allocation, unit)
    n_tasks = len(allocation.tasks)
    lane = 34.0 if n_tasks <= 4 else 24.0 if n_tasks <= 10 else max(13.0, 300 / n_tasks)
    letters = 13.0 if lane >= 16 else 12.0
    longest = min(_LONGEST_NAME, max(map(len, allocation.tasks)))
    left = 10 + longest * letters * _LETTER
    frame = _Frame(_rows(allocation, unit), lane, _lefts([each.size for each in columns], left, width - 4), letters)
    names = "".join(
        svg.text(
            left - 8, _y(frame, task) + lane / 2 + letters * 0.36, svg.shortened(name, longest), anchor="end",
            fill=svg.task_colour(task), size=letters, font_weight=600,
        )
        for task, name in enumerate(allocation.tasks)
    )  # fmt: skip
    body = "".join(
        _cell(frame, place, cell, cell.size / column.size)
        for place, column in enumerate(columns)
        for cell in column.cells
    )
    body += _axis(frame, columns, left) + _legend(frame, columns)
    return svg.canvas(width, frame.bottom + _AXIS + _LEGEND, names + body, label or spoken(allocation))


def spoken(allocation: Allocation) -> str:
    """Return a drawing's description: who shares with whom, and who uses what alone.

    >>> from core.costs import Piece
    >>> spoken(Allocation(("a", "b"), (Piece("p", (0,), 1, 1), Piece("q", (1,), 1, 1)), ((0,), (0, 1))))
    'Which task uses which piece of parameters. 1 piece is used by all tasks, 0 by some, 1 by one: b 1.'
    """
    users, n_tasks = allocation.users, len(allocation.tasks)
    own = [sum(each == (task,) for each in users) for task in range(n_tasks)]
    everyone = sum(len(each) == n_tasks for each in users) if n_tasks > 1 else 0
    some = sum(1 < len(each) < n_tasks for each in users)
    alone = ", ".join(f"{name} {n}" for name, n in zip(allocation.tasks, own, strict=True) if n)
    return (
        f"Which task uses which piece of parameters. {plural(everyone, 'piece')} {'is' if everyone == 1 else 'are'} "
        f"used by all tasks, {some} by some, {sum(own)} by one{': ' + alone if alone else ''}."
    )


def _sizes(allocation: Allocation, unit: Unit) -> list[float]:
    """Return the size of each piece; equal ones where none has any."""
    sizes = [piece.size(unit) or 0.0 for piece in allocation.pieces]
    return sizes if any(sizes) else [1.0] * len(sizes)


def _rows(allocation: Allocation, unit: Unit) -> tuple[int, ...]:
    """Return the row of each task, such that tasks on the same pieces are neighbours where paths part for good."""
    sizes = _sizes(allocation, unit)
    drawn = [tuple(place for place in path if sizes[place]) for path in allocation.paths]
    order = sorted(range(len(drawn)), key=lambda task: (drawn[task], task))
    return tuple(order.index(task) for task in range(len(drawn)))


def _columns(allocation: Allocation, unit: Unit) -> list[_Column]:
    sizes, users, runs = _sizes(allocation, unit), allocation.users, allocation.runs
    of_blocks: dict[tuple[int, ...], list[int]] = {}
    for place, piece in enumerate(allocation.pieces):
        if sizes[place]:
            of_blocks.setdefault(piece.blocks, []).append(place)

    def cell(places: Sequence[int]) -> _Cell:
        names = [allocation.pieces[place].name for place in places]
        who = ", ".join(allocation.tasks[task] for task in users[places[0]]) or "kept, used by no task"
        written = amount(sum(allocation.pieces[place].size(unit) or 0.0 for place in places), unit)
        often = f"; runs {runs[places[0]]} times for all tasks" if runs[places[0]] > 1 else ""
        named = "; ".join(names) if len(names) < 4 else f"{len(names)} pieces"
        return _Cell(users[places[0]], f"{named} · {written} · {who}{often}", sum(sizes[place] for place in places))

    found = []
    for blocks, places in sorted(of_blocks.items(), key=lambda each: (each[0][-1:], len(each[0]))):
        found += [_Column(blocks, tuple(map(cell, each))) for each in _packed(places, users)]
    return found


def _packed(places: Sequence[int], users: Sequence[tuple[int, ...]]) -> list[list[list[int]]]:
    """Return the columns of a block's pieces: of each its cells, of each cell its pieces.

    One column where no task uses two of them. Otherwise one for each piece of several tasks, one for the first that
    every task has for itself, and so on; what is only kept is one cell in a column of its own.
    """
    shared = [place for place in places if len(users[place]) > 1]
    tasks = [task for place in places for task in users[place]]
    kept = [place for place in places if not users[place]]
    last = [[kept]] if kept else []
    if len({*tasks}) == len(tasks):
        return [*([[[place] for place in places if users[place]]] if tasks else []), *last]
    columns: dict[object, list[list[int]]] = {}
    n_own: dict[int, int] = {}
    for place in places:
        if len(users[place]) == 1:
            (task,) = users[place]
            n_own[task] = n_own.get(task, 0) + 1
            columns.setdefault(n_own[task], []).append([place])
        elif users[place]:
            (cell,) = columns.setdefault(("of", users[place] if len(shared) > _MOST_COLUMNS else place), [[]])
            cell.append(place)
    return [*columns.values(), *last]


def _lefts(sizes: Sequence[float], left: float, right: float) -> tuple[float, ...]:
    least = min(_LEAST_WIDTH, (right - left) / len(sizes))
    free, whole = right - left - least * len(sizes), sum(sizes)
    found = [left]
    for size in sizes:
        found.append(found[-1] + least + free * size / whole)
    return tuple(found)


def _y(frame: _Frame, task: int) -> float:
    return _TOP + frame.lane * frame.rows[task]


def _cell(frame: _Frame, place: int, cell: _Cell, share: float) -> str:
    """Return one piece, as wide as its share of the column: a rectangle for each run of rows, joined by a line."""
    x, whole = frame.lefts[place], frame.lefts[place + 1] - frame.lefts[place]
    wide = max(whole * share, min(whole, 5.0))
    gap = min(_GAP, wide / 4)
    title = svg.tag("title", escape(cell.words))
    if not cell.users:
        height = frame.bottom - _TOP - 2 * _GAP
        return svg.tag(
            "rect", title, x=x + gap, y=_TOP + _GAP, width=wide - 2 * gap, height=height, fill="none",
            stroke=svg.MUTED, stroke_dasharray="3 3",
        )  # fmt: skip
    colour = svg.SHARED if len(cell.users) > 1 else svg.task_colour(cell.users[0])
    runs: list[list[int]] = []
    for row in sorted(frame.rows[task] for task in cell.users):
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    body = "".join(
        svg.tag(
            "rect", title, x=x + gap, y=_TOP + frame.lane * run[0] + _GAP, width=wide - 2 * gap,
            height=frame.lane * len(run) - 2 * _GAP, rx=2, fill=colour,
        )
        for run in runs
    )  # fmt: skip
    if len(runs) > 1:
        middle = x + wide / 2
        first, last = (_TOP + frame.lane * (row + 0.5) for row in (runs[0][0], runs[-1][-1]))
        body += svg.tag("line", x1=middle, x2=middle, y1=first, y2=last, stroke=colour, stroke_width=2)
    return body


def _axis(frame: _Frame, columns: Sequence[_Column], left: float) -> str:
    """Return block numbers, counted from 1 as on every screen, each below the columns of its piece."""
    y, free = frame.bottom + 16, left
    body = svg.text(left - 8, y, "block", anchor="end", fill=svg.MUTED, size=12)
    for blocks in dict.fromkeys(column.blocks for column in columns):
        places = [place for place, column in enumerate(columns) if column.blocks == blocks]
        middle = (frame.lefts[places[0]] + frame.lefts[places[-1] + 1]) / 2
        words = "all" if not blocks else "–".join(str(block + 1) for block in dict.fromkeys((blocks[0], blocks[-1])))
        half = len(words) * 12 * _LETTER / 2
        if middle - half >= free:
            body += svg.text(middle, y, words, anchor="middle", fill=svg.MUTED, size=12)
            free = middle + half + 4
    return body


def _legend(frame: _Frame, columns: Sequence[_Column]) -> str:
    """Return what the fills mean, as far as they are drawn."""
    cells = [cell for column in columns for cell in column.cells]
    known = [
        (any(len(cell.users) > 1 for cell in cells), "several tasks", {"fill": svg.SHARED}),
        (any(len(cell.users) == 1 for cell in cells), "one task", {"fill": svg.task_colour(0)}),
        (any(not cell.users for cell in cells), "kept, not used", {"fill": "none", "stroke_dasharray": "3 3"}),
    ]
    x, y, body = frame.lefts[0], frame.bottom + _AXIS + 6, ""
    for is_drawn, words, look in known:
        if is_drawn:
            stroke = svg.MUTED if "stroke_dasharray" in look else "none"
            body += svg.tag("rect", x=x, y=y, width=11, height=11, rx=2, stroke=stroke, **look)
            body += svg.text(x + 16, y + 10, words, fill=svg.MUTED, size=12)
            x += 16 + len(words) * 12 * _LETTER + 12
    return body
