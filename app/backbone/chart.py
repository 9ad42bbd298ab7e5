"""A backbone as a row of blocks from input to heads: parameters above the line, multiply-accumulates below."""

from html import escape

from app.backbone.model import BackboneView
from app.charts import svg
from app.ui.formatting import UNIT_WORDS, amount, shape_words
from core.costs import Unit, block_costs

_LEFT, _RIGHT, _TOP = 84.0, 60.0, 30.0
_REACH = 96.0  # the tallest bar
_SPINE = 26.0  # room of the data's path between both rows of bars
_SIZE = 11.5  # of numbers
_LETTER = 0.56  # width of a letter as a share of its size


def backbone_svg(view: BackboneView, *, width: int = 800, label: str = "") -> str:
    """Return the drawing of a backbone.

    Args:
        view: The blocks and how they are merged.
        width: Width of the drawing in its own units.
        label: Spoken description.
    """
    drawing = _Drawing(view, width)
    body = drawing.bands() + drawing.path() + drawing.bars() + drawing.points() + drawing.words() + drawing.legend()
    return svg.canvas(width, drawing.height, body, label or spoken(view))


def spoken(view: BackboneView) -> str:
    """Return the drawing in words."""
    merged = view.merged
    blocks = ", ".join(
        f"{place} {block.name}: "
        f"{amount(block.params, Unit.PARAMETERS)} parameters, {amount(block.macs, Unit.MACS)} MACs"
        for place, block in enumerate(merged.blocks[:60], start=1)
    )
    return f"{view.whole.name} from input to heads in {merged.n_blocks} blocks. {blocks}"


class _Drawing:
    """Coordinates of one backbone."""

    def __init__(self, view: BackboneView, width: int) -> None:
        self.view, self.width = view, width
        n = view.whole.n_blocks
        self.gap = min(10.0, 220.0 / n)
        room = width - _LEFT - _RIGHT
        self.step = (room - self.gap * (view.n_blocks - 1)) / n
        units = view.units
        self.up = Unit.PARAMETERS if Unit.PARAMETERS in units or not units else units[0]
        self.down = Unit.MACS if Unit.MACS in units and self.up is not Unit.MACS else None
        narrowest = min(self.band(run)[1] - self.band(run)[0] for run in range(view.n_blocks))
        longest = max([len(shape_words(block.output_shape)) for block in view.merged.blocks], default=1)
        # Output shapes stand upright where they would not fit side by side.
        self.upright = narrowest + self.gap < _SIZE * _LETTER * longest + 6
        shown = [amount(cost, unit) for unit in (self.up, self.down) if unit for cost in self.costs(unit)]
        widest = _SIZE * _LETTER * max(map(len, shown))
        # Values stand upright where they don't fit side by side, and are left out where not even a line of text fits.
        self.values_level = narrowest + self.gap - 4 >= widest
        self.values_fit = self.values_level or narrowest + self.gap >= 11
        beyond = 22 if self.values_level else widest + 14 if self.values_fit else 8
        self.spine = _TOP + beyond + _REACH + _SPINE / 2
        self.floor = self.spine + _SPINE / 2 + (_REACH + beyond if self.down else 8)
        self.names_fit = not self.upright and narrowest >= 40
        below = _SIZE * _LETTER * longest + 28 if self.upright else 26
        self.height = self.floor + below + (18 if self.names_fit else 0)

    def costs(self, unit: Unit) -> list[float]:
        """Return the cost of every merged block."""
        return [float(cost) for cost in block_costs(self.view.merged, unit)]

    def x(self, block: int) -> float:
        """Return where a block of the whole backbone starts."""
        run = sum(start <= block for start in self.view.starts) - 1
        return _LEFT + self.step * block + self.gap * run

    def band(self, run: int) -> tuple[float, float]:
        """Return where a merged block starts and ends."""
        first, end = self.view.runs[run]
        left = _LEFT + self.step * first + self.gap * run
        return left, left + self.step * (end - first)

    def bands(self) -> str:
        """Return the ground of every merged block."""
        out = ""
        for run in range(self.view.n_blocks):
            left, right = self.band(run)
            out += svg.tag(
                "rect", x=left, y=_TOP, width=right - left, height=self.floor - _TOP, rx=min(6.0, self.step / 3),
                fill="var(--bw-over)", stroke=svg.LINE,
            )  # fmt: skip
        return out

    def path(self) -> str:
        """Return the data's path from input to heads."""
        end = self.width - _RIGHT
        line = svg.tag(
            "line", x1=_LEFT - 14, x2=end + 12, y1=self.spine, y2=self.spine, stroke=svg.MUTED, stroke_width=2
        )
        arrow = svg.tag(
            "path",
            d=svg.path([(end + 9, self.spine - 5), (end + 17, self.spine), (end + 9, self.spine + 5)]) + "Z",
            fill=svg.MUTED,
        )
        shape = shape_words(self.view.whole.input_shape)
        out = svg.text(_LEFT - 18, self.spine + 4, "input", anchor="end", size=13, font_weight=600)
        if shape != "–":
            out += svg.text(_LEFT - 18, self.spine + 19, shape, anchor="end", size=11, fill=svg.MUTED)
        return line + arrow + out + svg.text(end + 21, self.spine + 4, "heads", size=13, font_weight=600)

    def bars(self) -> str:
        """Return one bar per found block, upwards and downwards."""
        out = self._row(self.up, -1, svg.PRIMARY)
        return out + (self._row(self.down, +1, svg.SHARED) if self.down else "")

    def _row(self, unit: Unit, way: int, colour: str) -> str:
        costs = block_costs(self.view.whole, unit)
        most, inset, out = float(costs.max()) or 1.0, min(3.0, self.step * 0.12), ""
        for block, cost in enumerate(costs.tolist()):
            reach = max(_REACH * cost / most, 1.2)
            start = self.spine + way * _SPINE / 2
            title = f"{self.view.whole.blocks[block].name}: {amount(cost, unit)} {_word(unit)}"
            out += svg.tag(
                "rect",
                svg.tag("title", escape(title)),
                x=self.x(block) + inset, y=start if way > 0 else start - reach,
                width=self.step - 2 * inset, height=reach, rx=min(2.0, inset), fill=colour,
            )  # fmt: skip
        return out

    def points(self) -> str:
        """Return the branching points: filled between merged blocks, hollow where they were merged away."""
        out = ""
        small = max(1.6, min(4.0, self.step * 0.16))
        for block in range(1, self.view.whole.n_blocks):
            if block in self.view.starts:
                out += svg.tag(
                    "circle", cx=self.x(block) - self.gap / 2, cy=self.spine, r=small + 1.6, fill=svg.PRIMARY
                )
            else:
                out += svg.tag(
                    "circle",
                    cx=self.x(block),
                    cy=self.spine,
                    r=small,
                    fill="var(--bw-over)",
                    stroke=svg.MUTED,
                    stroke_width=1.2,
                )
        return out

    def words(self) -> str:
        """Return number, size and output shape of every merged block."""
        return "".join(self._words(run) for run in range(self.view.n_blocks))

    def _words(self, run: int) -> str:
        block = self.view.merged.blocks[run]
        left, right = self.band(run)
        middle, room = (left + right) / 2, right - left
        every = 1 if room + self.gap >= 20 else 5
        number = (
            svg.text(middle, _TOP - 9, str(run + 1), anchor="middle", size=12, font_weight=600)
            if run % every == 0
            else ""
        )
        shape = shape_words(block.output_shape)
        out = number + self._values(run, middle)
        if self.upright:
            if room + self.gap < 11 and run % 2:
                return out
            return out + _upright(middle + 3.5, self.floor + 12, shape, anchor="end", fill=svg.MUTED)
        y = self.floor + 19
        if self.names_fit:
            name = svg.shortened(block.name, int((room + self.gap - 4) / (12 * _LETTER)))
            out += svg.text(middle, y, name, anchor="middle", size=12, font_weight=600)
            y += 17
        return out + svg.text(middle, y, shape, anchor="middle", size=_SIZE, fill=svg.MUTED)

    def _values(self, run: int, middle: float) -> str:
        """Return what the bars of a merged block stand for, at the outer ends of its ground."""
        if not self.values_fit:
            return ""
        out = ""
        for unit, level, upright, anchor, fill in (
            (self.up, _TOP + 15, _TOP + 8, "end", svg.TEXT),
            (self.down, self.floor - 7, self.floor - 8, "start", svg.MUTED),
        ):
            if unit is None:
                continue
            words = amount(self.costs(unit)[run], unit)
            if self.values_level:
                out += svg.text(middle, level, words, anchor="middle", size=_SIZE, fill=fill)
            else:
                out += _upright(middle + 3.5, upright, words, anchor=anchor, fill=fill)
        return out

    def legend(self) -> str:
        """Return the legend: units of both rows of bars, and the label of the output shapes."""
        rows = [(self.spine - _SPINE / 2 - _REACH / 2, self.up, svg.PRIMARY)]
        if self.down:
            rows.append((self.spine + _SPINE / 2 + _REACH / 2, self.down, svg.SHARED))
        out = svg.text(_LEFT - 18, _TOP - 9, "block", anchor="end", size=11, fill=svg.MUTED)
        for y, unit, colour in rows:
            out += svg.tag("rect", x=2, y=y - 8, width=9, height=9, rx=2, fill=colour)
            out += svg.text(16, y, UNIT_WORDS[unit], size=11)
        if any(block.output_shape for block in self.view.merged.blocks):
            y = self.floor + (36 if self.names_fit else 20)
            out += svg.text(_LEFT - 18, y, "output", anchor="end", size=11, fill=svg.MUTED)
        return out


def _upright(x: float, y: float, words: str, *, anchor: str, fill: str) -> str:
    """Return text that is read from below."""
    return svg.text(x, y, words, anchor=anchor, size=_SIZE, fill=fill, transform=f"rotate(-90 {x:.1f} {y:.1f})")


def _word(unit: Unit) -> str:
    return {Unit.PARAMETERS: "parameters", Unit.MACS: "MACs"}.get(unit, "")


def merge_words(view: BackboneView) -> str:
    """Return how many of the branching points are kept."""
    found = view.whole.n_blocks - 1
    kept = view.n_blocks - 1
    if not found:
        return "One block: only the heads can branch."
    return f"{kept} of {found} branching points kept" if kept < found else f"all {found} branching points kept"
