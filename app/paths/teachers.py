"""Who teaches whom, as a drawing: single-task networks on the left, the heads of a multi-path network on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.charts import svg
from app.paths.model import Ladder
from app.ui.formatting import listed, plural
from core.families.multipath.distillation import Distillation
from core.families.multipath.place import spread

WIDTHS = (int(svg.NARROW), 520, 820, 1240)
# More would need a page of their own.
MOST_ROWS = 10
_ROW, _BAR, _TRUNK, _HEADS, _FOOT = 34, 16, 26, 104, 14
_HALO: dict[str, Any] = {
    "paint_order": "stroke",
    "stroke": "var(--bw-card)",
    "stroke_width": 4,
    "stroke_linejoin": "round",
}


@dataclass(frozen=True, slots=True)
class Teaching:
    """Which teacher teaches which head.

    Args:
        tasks: Names, in the order of the exits.
        exits: Number of the exit of each task.
        ends: Where the paths to all exits end, as shares of the places along the backbone.
        loss: How labels and teacher are mixed.
    """

    tasks: tuple[str, ...]
    exits: tuple[int, ...]
    ends: tuple[float, ...]
    loss: Distillation

    @classmethod
    def of(cls, ladder: Ladder, tasks: Sequence[str], loss: Distillation) -> "Teaching":
        """Return the teaching of tasks that leave in the paper's order at the exits of a ladder."""
        ends = tuple((place + 1) / len(ladder.rungs) for place in ladder.chosen)
        return cls(tuple(tasks), spread(len(tasks), len(ends)), ends, loss)

    @property
    def words(self) -> str:
        """What every head learns from."""
        labels, teacher = self.loss.weights
        if not self.loss.has_teachers:
            return f"Each head learns from labels alone ({labels:.3g} · labels): the teachers are switched off."
        return f"Each head learns from {labels:.3g} · labels + {teacher:.3g} · its teacher."

    @property
    def spoken(self) -> str:
        """The drawing in words."""
        pairs = [f"{task} at exit {exit_ + 1}" for task, exit_ in zip(self.tasks, self.exits, strict=True)]
        verb = "teaches" if self.loss.has_teachers else "would teach"
        return f"The frozen single-task network of each task {verb} its head: {listed(pairs)}. {self.words}"


def teachers_svg(teaching: Teaching, *, width: float) -> str:
    """Return the drawing.

    Args:
        teaching: Who teaches whom.
        width: Of the drawing.
    """
    rows = list(zip(teaching.tasks, teaching.exits, strict=True))
    shown = rows if len(rows) <= MOST_ROWS else rows[: MOST_ROWS - 1]
    left, fork, right = _columns(width)
    # Names of teachers stand before their bars, which are shorter where names are long.
    bar = min(max(0.55 * left, 12 + 7 * max(map(len, teaching.tasks))), left - 24)
    is_narrow = width <= svg.NARROW
    body = svg.hatching() + _trunk(teaching, fork, right)
    body += _titles(teaching, (0.0 if is_narrow else min(bar, fork - 120), left), fork, width if is_narrow else 0.0)
    names = ""
    for row, (task, exit_) in enumerate(shown):
        y, x = _HEADS + _ROW * row, fork + teaching.ends[exit_] * (right - fork)
        body += _row(teaching, task, (x, y), (bar, left), fork)
        name = svg.shortened(task, max(8, int((x - left - 24) / 7.5)))
        if is_narrow:
            continue
        # Over its arrow, where no line of a deeper exit runs.
        names += svg.text(x - 12, y - 7, name, anchor="end", font_weight=600, **_HALO)
    body += names
    height = _HEADS + _ROW * (len(shown) - 1) + _FOOT
    if len(shown) < len(rows):
        height += _ROW
        more = f"… and {plural(len(rows) - len(shown), 'task')} more"
        body += svg.text(0, height - _FOOT + 4, more, fill=svg.MUTED, size=12.5)
    return svg.canvas(width, height, body, teaching.spoken)


def _columns(width: float) -> tuple[float, float, float]:
    """Return where teachers end, and where the multi-path network begins and ends."""
    if width <= svg.NARROW:
        return 122.0, 150.0, width - 14
    narrow = width < WIDTHS[2]
    return width * (0.3 if narrow else 0.32), width * 0.42, width - (92 if narrow else 150)


def _titles(teaching: Teaching, teachers: tuple[float, float], fork: float, end: float) -> str:
    """Return the words above both sides.

    Args:
        teaching: Who teaches whom.
        teachers: Where the words over the teachers begin, and where their bars end.
        fork: Where the multi-path network begins.
        end: Where the words on its loss end; 0 where they begin with it.
    """
    (start, left), at = teachers, {"x": end, "anchor": "end"} if end else {"x": fork}
    out = svg.text(start, 14, "Teachers", font_weight=700)
    out += svg.text(start, 31, "single-task, frozen", fill=svg.MUTED, size=12)
    out += svg.text(fork, 14, "Multi-path network", font_weight=700)
    labels, teacher = teaching.loss.weights
    if teaching.loss.has_teachers:
        return out + svg.text(**at, y=31, words=f"learns {labels:.3g} · labels + {teacher:.3g} · teacher", size=12)
    out += svg.text(**at, y=31, words="learns from labels alone", size=12, font_weight=700)
    return out + svg.text(left, 60, "teachers are off", anchor="end", size=12, font_weight=700)


def _trunk(teaching: Teaching, fork: float, right: float) -> str:
    out, before = "", 0.0
    for place, end in enumerate(teaching.ends):
        from_, to = (fork + share * (right - fork) for share in (before, end))
        out += svg.tag(
            "rect", x=from_, y=44, width=to - from_, height=_TRUNK, fill=svg.PRIMARY,
            fill_opacity="0.55" if place % 2 else "0.85", stroke="var(--bw-card)",
        )  # fmt: skip
        out += svg.text(to - 5, 62, str(place + 1), anchor="end", fill="var(--bw-text)", font_weight=700, **_HALO)
        before = end
    return out


def _row(teaching: Teaching, task: str, head: tuple[float, float], ends: tuple[float, float], fork: float) -> str:
    (x, y), (start, left), on = head, ends, teaching.loss.has_teachers
    bar = {"x": start, "width": left - start, "y": y - _BAR / 2, "height": _BAR}
    name = svg.shortened(task, int((start - 10) / 7))
    out = svg.text(start - 10, y + 4, name, anchor="end", fill=svg.TEXT if on else svg.MUTED)
    out += svg.tag("rect", **bar, fill="url(#hatch)", stroke=svg.MUTED)
    out += svg.tag("line", x1=x, x2=x, y1=44 + _TRUNK, y2=y - 6, stroke=svg.PRIMARY, stroke_width=2)
    line = {"x1": left + 4, "x2": x - 15, "y1": y, "y2": y}
    if on:
        thick = f"{1.2 + 2 * teaching.loss.weights[1]:.2f}"
        out += svg.tag("line", **line, stroke=svg.TEXT, stroke_width=thick)
        out += svg.tag("path", d=f"M{x - 16:.1f} {y - 5:.1f}l9 5l-9 5z", fill=svg.TEXT)
    else:
        middle = (left + fork) / 2
        out += svg.tag("line", **line, stroke=svg.MUTED, stroke_dasharray="3 5", stroke_width="1.2")
        cross = f"M{middle - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
        out += svg.tag("path", d=cross, stroke=svg.TEXT, stroke_width=2, fill="none")
    return out + svg.tag("circle", cx=x, cy=y, r=6, fill=svg.PRIMARY, stroke="var(--bw-card)", stroke_width=1.5)
