"""One step of the training as a drawing: a batch on the left, the trunk, and the branches."""

from dataclasses import dataclass

from app.charts import svg
from app.storage.growth_steps import Flow, TrainingStep, Weights
from app.storage.tree_drawing import FROZEN, GREY, WIDTH, DrawnTree, Row, Style, block_bar, fitting

_STYLES: dict[Weights, Style] = {
    Weights.UNTRAINED: {"fill": "var(--bw-over)", "stroke": svg.MUTED, "stroke_width": 1},
    Weights.COMPUTE: {"fill": "var(--bw-over)", "stroke": svg.PRIMARY, "stroke_width": "1.8"},
    Weights.LEARN: {"fill": svg.PRIMARY, "stroke": svg.PRIMARY, "stroke_width": 1},
    Weights.IN_TURN: {
        "fill": "var(--bw-over)", "stroke": svg.PRIMARY, "stroke_width": "1.8", "stroke_dasharray": "4 3",
    },
    Weights.FROZEN: FROZEN,
    Weights.KEPT: GREY,
}  # fmt: skip
_LEARNING = (Weights.LEARN, Weights.IN_TURN)
_IDLE = (Weights.KEPT, Weights.UNTRAINED)
_BATCH, _GAP, _FORK, _NAMES, _LEAST, _TOP = 88.0, 16.0, 62.0, 190.0, 104.0, 8.0
_TOKEN = (19.0, 14.0)


def training_svg(tree: DrawnTree, step: TrainingStep, *, width: float = WIDTH) -> str:
    """Return the drawing of a step.

    Args:
        tree: Trunk and branches.
        step: State of their weights.
        width: Of the drawing.
    """
    return _Training(tree, step, width).drawing()


@dataclass(slots=True)
class _Places:
    """Positions of all parts."""

    scale: float
    high: float
    middle: float
    height: float
    trunk: tuple[float, float, float]
    branch: tuple[float, float]
    rows: list[tuple[Row, float]]


class _Training:
    """The drawing of one step."""

    def __init__(self, tree: DrawnTree, step: TrainingStep, width: float) -> None:
        self.tree, self.step, self.width = tree, step, width
        self.at = self._places()

    def drawing(self) -> str:
        body = svg.hatching() + self._trunk() + "".join(self._branch(row, y) for row, y in self.at.rows)
        return svg.canvas(self.width, self.at.height, body + self._gradients() + self._batch(), self._spoken())

    def _places(self) -> _Places:
        n = len(self.tree.rows)
        high = 44.0 if n <= 6 else 38.0 if n <= 9 else 34.0
        # Space for the graft is reserved from the start, so that nothing moves between steps.
        tall = max((n + 1) * high, 196.0)
        trunk, branch = sum(self.tree.trunk), sum(self.tree.branch)
        room = self.width - _BATCH - _GAP - _FORK - _NAMES - 36
        scale = room / (trunk + branch or 1)
        # A thin trunk keeps space for its labels on the left.
        if trunk * scale < _LEAST:
            scale = min(scale, (room - _LEAST) / (branch or 1))
        right = _BATCH + _GAP + max(trunk * scale, _LEAST)
        offset = _TOP + (tall - (n + 1) * high) / 2
        rows = [(row, offset + high * (place + 0.5)) for place, row in enumerate(self.tree.rows)]
        if len(self.step.branches) > len(self.tree.names):
            rows.append(((len(self.tree.names),), offset + high * (n + 0.5)))
        return _Places(
            scale, high, offset + n * high / 2, _TOP + tall + 12,
            (right - trunk * scale, right, min(max(n * high * 0.6, 56.0), 120.0)),
            (right + _FORK, right + _FORK + branch * scale), rows,
        )  # fmt: skip

    def _trunk(self) -> str:
        (left, right, tall), middle, has_trunk = self.at.trunk, self.at.middle, bool(self.tree.trunk)
        out = svg.tag("line", x1=_BATCH + 4, x2=left, y1=middle, y2=middle, stroke=svg.MUTED, stroke_width="1.6")
        style = _STYLES[self.step.trunk]
        if has_trunk:
            out += block_bar(self.tree.trunk, left, middle, self.at.scale, tall, style)
        else:
            ends = {"x1": right, "x2": right, "y1": middle - tall / 2, "y2": middle + tall / 2}
            out += svg.tag("line", **ends, stroke=svg.MUTED, stroke_dasharray="3 3")
        above, size = middle - tall / 2, self.tree.trunk_size if has_trunk else "empty"
        out += svg.text(right, above - 23, "trunk", anchor="end", font_weight=700)
        out += svg.text(right, above - 8, size, anchor="end", fill=svg.MUTED, size=12)
        if not has_trunk:
            return out
        below = middle + tall / 2 + 17
        bold = 700 if self.step.trunk in _LEARNING else 400
        out += svg.text(right, below, str(self.step.trunk), anchor="end", size=12.5, font_weight=bold)
        if self.step.trunk is Weights.FROZEN:
            out += _snowflake(right - 47, below - 4, 7)
            if right - left >= 44:
                centre = (left + right) / 2
                out += svg.tag("circle", cx=centre, cy=middle, r=19, fill="var(--bw-card)", stroke=svg.MUTED)
                out += _snowflake(centre, middle, 12)
        return out

    def _branch(self, row: Row, y: float) -> str:
        state, (left, right) = self.step.branches[row[0]], self.at.branch
        tall, idle, style = min(20.0, self.at.high * 0.5), state in _IDLE, _STYLES[state]
        stroke, thick = (svg.MUTED, "1.4") if idle else (svg.PRIMARY, "2.4")
        out = svg.tag("path", d=self._fork(y), fill="none", stroke=stroke, stroke_width=thick)
        if len(row) > 1:
            box = {"x": left + 3, "width": max(right - left, 2.0), "height": tall, "rx": 2, "opacity": "0.45"}
            out += "".join(svg.tag("rect", y=y - tall / 2 + shift, **box, **style) for shift in (-3, 3))
        out += block_bar(self.tree.branch, left, y, self.at.scale, tall, style)
        out += svg.tag("circle", cx=right + 7, cy=y, r="4.5", **style)
        grafted = row[0] == len(self.tree.names)
        name = self.tree.graft if grafted else self.tree.row_name(row)
        words = name if len(row) > 1 else f"{row[0] + 1} · {name}"
        x, ink, bold = self.width - _NAMES, svg.MUTED if idle else svg.TEXT, 700 if state in _LEARNING else 400
        out += svg.text(x, y - 2, fitting(words, _NAMES - 2), font_weight=600)
        return out + svg.text(x, y + 13, f"{self.tree.branch_size} · {state}", fill=ink, size=12, font_weight=bold)

    def _fork(self, y: float) -> str:
        right, left, middle = self.at.trunk[1], self.at.branch[0], self.at.middle
        half = (right + left) / 2
        return f"M{right:.1f} {middle:.1f}C{half:.1f} {middle:.1f} {half:.1f} {y:.1f} {left:.1f} {y:.1f}"

    def _batch(self) -> str:
        """Rows of data, each with the number of its data set: before the trunk, or where they have come to."""
        step, middle = self.step, self.at.middle
        rows = [(row, y) for row, y in self.at.rows if set(row) & set(step.rows)]
        if not rows:
            return svg.text(_BATCH, middle + 4, "input", anchor="end", size=12.5, fill=svg.MUTED)
        own = len(step.rows) == 1 and len(step.branches) > 1
        each = 6 if own or len(rows) == 1 else 3 if len(rows) <= 6 else 2
        (wide, tall), (left, right) = _TOKEN, self.at.branch
        if step.flow is not Flow.BATCH:
            return "".join(
                _token(row, max(right - wide / 2 - 4 - (each - 1 - i) * (wide + 2), left - 16 + i * 5), y)
                for row, y in rows for i in range(each)
            )  # fmt: skip
        columns = int(_BATCH / (wide + 3))
        # As in a batch: sets side by side, row by row.
        tokens = [row for _ in range(each) for row, _ in rows]
        lines = -(-len(tokens) // columns)
        start = middle - lines * (tall + 3) / 2 + tall / 2
        drawn = "".join(
            _token(row, n % columns * (wide + 3) + wide / 2, start + n // columns * (tall + 3))
            for n, row in enumerate(tokens)
        )
        words = ("batch of its", "own data") if own or len(self.tree.names) == 1 else ("federated", "batch")
        below = middle + lines * (tall + 3) / 2 + 16
        return drawn + "".join(
            svg.text(0, below + 15 * i, line, size=12, fill=svg.MUTED) for i, line in enumerate(words)
        )

    def _gradients(self) -> str:
        """Arrows from the heads back to whatever learns."""
        step, (left, right, tall) = self.step, self.at.trunk
        if step.flow not in (Flow.BACKWARD, Flow.BOTH):
            return ""
        drawn = ""
        for row, y in self.at.rows:
            if step.branches[row[0]] in _LEARNING:
                x = self.at.branch[1] + 20
                points = [(x + 4, y - 6), (x - 5, y), (x + 4, y + 6)]
                drawn += svg.tag("path", d=svg.path(points) + "Z", fill=svg.TEXT, stroke="var(--bw-card)")
        if step.trunk is Weights.LEARN and right - left >= 1:
            y, start = self.at.middle + tall / 2 + 26, min(left, right - 46)
            d = f"M{right:.1f} {y:.1f}H{start + 3:.1f}M{start + 8:.1f} {y - 4:.1f}L{start + 2:.1f} {y:.1f}"
            drawn += svg.tag(
                "path", d=f"{d}L{start + 8:.1f} {y + 4:.1f}", fill="none", stroke=svg.TEXT, stroke_width="1.5"
            )
        return drawn

    def _spoken(self) -> str:
        tree, step = self.tree, self.step
        said = [f"{tree.row_name(row)} {step.branches[row[0]]}" for row in tree.rows]
        if len(step.branches) > len(tree.names):
            said.append(f"{tree.graft} {Weights.LEARN}")
        trunk = f"trunk {tree.trunk_size} {step.trunk}" if tree.trunk else "trunk empty"
        return f"{step.title}. {trunk}; branches, {tree.branch_size} each: {', '.join(said)}"


def _token(row: Row, x: float, y: float) -> str:
    wide, tall = _TOKEN
    box = {"x": x - wide / 2, "y": y - tall / 2, "width": wide, "height": tall, "rx": 3}
    words = "…" if len(row) > 1 else str(row[0] + 1)
    return svg.tag(
        "rect", **box, fill="var(--bw-card)", stroke=svg.task_colour(row[0]), stroke_width=2
    ) + svg.text(x, y + tall / 2 - 3, words, anchor="middle", size=tall - 3, font_weight=700)  # fmt: skip


def _snowflake(x: float, y: float, radius: float) -> str:
    tips = "".join(
        f"M{way * radius * 0.9:.1f} {-radius * 0.34:.1f}L{way * radius * 0.55:.1f} 0L{way * radius * 0.9:.1f} "
        f"{radius * 0.34:.1f}"
        for way in (-1, 1)
    )
    arms = "".join(
        svg.tag(
            "path", d=f"M{-radius} 0H{radius}{tips}", transform=f"rotate({angle})", fill="none", stroke=svg.TEXT,
            stroke_width="1.8" if radius > 9 else "1.2",
        )
        for angle in (30, 90, 150)
    )  # fmt: skip
    return svg.tag("g", arms, transform=f"translate({x:.1f} {y:.1f})")
