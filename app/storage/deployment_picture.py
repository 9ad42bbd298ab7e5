"""One step of the deployment as a drawing: TreeDNN on one side, dedicated networks on the other, on the same scale."""

from dataclasses import asdict, dataclass

from app.charts import svg
from app.storage.deployment_steps import DeploymentStep, Ledger
from app.storage.tree_drawing import FROZEN, GREY, WIDTH, DrawnTree, Row, Style, block_bar, fitting
from app.ui.formatting import amount
from core.costs import Unit

_GAP = 26.0
_LABEL, _MARKS = 112.0, 58.0
_MEMORY, _SLOT = 84.0, 24.0
_EMPTY: Style = {"fill": "none", "stroke": svg.LINE, "stroke_width": "1.2", "stroke_dasharray": "4 3"}


def deployment_svg(tree: DrawnTree, step: DeploymentStep, *, first_read: bool, width: float = WIDTH) -> str:
    """Return the drawing of a step.

    Args:
        tree: Trunk and branches.
        step: What is in memory, and what is read.
        first_read: Whether this is the step in which the trunk is read too.
        width: Of the drawing.
    """
    wide = (width - _GAP) / 2
    sides = [
        _Side(tree, step, step.tree, 0.0, wide, True, first_read),
        _Side(tree, step, step.dedicated, wide + _GAP, wide, False, first_read),
    ]
    body = svg.hatching() + "".join(side.drawing() for side in sides)
    return svg.canvas(width, sides[0].height, body, _spoken(step))


def narrow_deployment_svg(tree: DrawnTree, step: DeploymentStep, *, first_read: bool) -> str:
    """Return the same with the dedicated networks below the TreeDNN, for a phone; its parameters are the same."""
    top, below = (_Side(tree, step, ledger, 0.0, svg.NARROW, ledger is step.tree, first_read)
                  for ledger in (step.tree, step.dedicated))  # fmt: skip
    low = svg.tag("g", below.drawing(), transform=f"translate(0 {top.height + _GAP:g})")
    return svg.canvas(svg.NARROW, 2 * top.height + _GAP, svg.hatching() + top.drawing() + low, _spoken(step))


@dataclass(frozen=True, slots=True)
class _Side:
    """The TreeDNN, or the dedicated networks."""

    tree: DrawnTree
    step: DeploymentStep
    ledger: Ledger
    left: float
    wide: float
    is_tree: bool
    first_read: bool

    @property
    def row(self) -> float:
        n = len(self.tree.rows)
        return 25.0 if n <= 6 else 22.0 if n <= 9 else 19.0

    @property
    def storage(self) -> float:
        return 30 + (len(self.tree.rows) + 1) * self.row + 7

    @property
    def height(self) -> float:
        return 24 + self.storage + 12 + _MEMORY + 44

    @property
    def scale(self) -> float:
        return (self.wide - _LABEL - _MARKS - 18) / (sum(self.tree.trunk) + sum(self.tree.branch) or 1)

    @property
    def x(self) -> float:
        return self.left + _LABEL

    @property
    def split(self) -> float:
        return self.x + sum(self.tree.trunk) * self.scale

    @property
    def right(self) -> float:
        return self.split + sum(self.tree.branch) * self.scale

    def y(self, row: int) -> float:
        return 24 + 30 + (row + 0.5) * self.row

    def drawing(self) -> str:
        stored = self.tree.cut_backbone.bytes
        title = "TreeDNN" if self.is_tree else "Dedicated networks"
        size = amount(stored.tree if self.is_tree else stored.separate, Unit.BYTES)
        out = svg.text(self.left, 14, title, size=14.5, font_weight=700)
        out += self._box(24, self.storage, "Storage", size, svg.LINE) + self._own_trunk()
        out += "".join(self._stored(place, row) for place, row in enumerate(self.tree.rows, start=1))
        top = 24 + self.storage + 12
        out += self._box(top, _MEMORY, "Memory", amount(self.ledger.memory, Unit.BYTES), svg.MUTED)
        out += self._memory(top + 62)
        read, total = amount(self.ledger.read, Unit.BYTES), amount(self.ledger.total, Unit.BYTES)
        out += svg.text(self.left, top + _MEMORY + 20, f"Read for this request: {read}")
        return out + svg.text(self.left, top + _MEMORY + 38, f"Read so far: {total}", font_weight=700)

    def _box(self, y: float, height: float, name: str, size: str, stroke: str) -> str:
        box = {"x": self.left + 0.5, "y": y + 0.5, "width": self.wide - 1, "height": height - 1, "rx": 8}
        return (
            svg.tag("rect", **box, fill="none", stroke=stroke, stroke_width="1.2")
            + svg.text(self.left + 10, y + 19, name, size=12.5, fill=svg.MUTED)
            + svg.text(self.left + self.wide - 10, y + 19, size, anchor="end", font_weight=700)
        )

    def _own_trunk(self) -> str:
        y = self.y(0)
        if not self.is_tree:
            return svg.text(self.x, y + 4, "repeated in each network", size=12, fill=svg.MUTED)
        out = svg.text(self.left + 10, y + 4, "trunk", size=12.5)
        if self.tree.trunk:
            out += block_bar(self.tree.trunk, self.x, y, self.scale, self.row - 7, FROZEN)
        else:
            out += svg.text(self.x, y + 4, "empty", size=12, fill=svg.MUTED)
        return out + (self._read_mark(y) if self.first_read else "")

    def _stored(self, place: int, row: Row) -> str:
        y, bold = self.y(place), 700 if self.step.asked in row else 400
        name = fitting(self.tree.row_name(row, "{} more"), _LABEL - 14, 12.5)
        out = svg.text(self.left + 10, y + 4, name, size=12.5, font_weight=bold)
        out += self._network(row, y, self.row - 7, whole=not self.is_tree)
        return out + (self._read_mark(y) if self.step.read in row else "")

    def _network(self, row: Row, y: float, tall: float, *, whole: bool) -> str:
        """A branch, or with its trunk a whole network; a last row that summarises several is drawn as a stack."""
        hue = svg.task_colour(row[0])
        style: Style = GREY if len(row) > 1 else {"fill": hue, "stroke": hue, "stroke_width": "0.6"}
        start, out = self.x if whole else self.split, ""
        if len(row) > 1:
            box = {"x": start + 3, "y": y - tall / 2 - 3, "width": max(self.right - start, 2.0), "height": tall}
            out += svg.tag("rect", **box, rx=2, fill="var(--bw-over)", stroke=svg.MUTED)
        if whole:
            out += block_bar(self.tree.trunk, self.x, y, self.scale, tall, FROZEN)
        out += block_bar(self.tree.branch, self.split, y, self.scale, tall, style)
        # A branch without blocks still has its head.
        return out if self.tree.branch else out + svg.tag("circle", cx=self.right + 6, cy=y, r=4, **style)

    def _read_mark(self, y: float) -> str:
        tall = self.row - 7
        box = {"x": self.left + 4, "y": y - tall / 2 - 3, "width": self.wide - 8, "height": tall + 6, "rx": 4}
        mark = svg.tag("rect", **box, fill="none", stroke=svg.TEXT, stroke_width="1.6")
        return mark + svg.text(self.left + self.wide - 12, y + 4, "◂ read", anchor="end", size=12.5, font_weight=700)

    def _memory(self, y: float) -> str:
        step = self.step
        slot = {"x": self.x - 2, "y": y - _SLOT / 2 - 2, "width": max(self.right - self.x + 4, 4.0)}
        out = svg.tag("rect", **slot, height=_SLOT + 4, rx=4, **_EMPTY)
        holds_trunk = self.is_tree and step.trunk and bool(self.tree.trunk)
        if holds_trunk:
            out += block_bar(self.tree.trunk, self.x, y, self.scale, _SLOT, FROZEN)
        if step.resident is not None:
            out += self._network((step.resident,), y, _SLOT, whole=not self.is_tree)
        held = ["trunk"] * holds_trunk + ([self.tree.names[step.resident]] if step.resident is not None else [])
        gone = [f"unloaded: {self.tree.names[step.dropped]}"] if step.dropped is not None and step.read is None else []
        words = " · ".join([*([" + ".join(held)] if held else []), *gone]) or "empty"
        ink = svg.TEXT if held else svg.MUTED
        out += svg.text(self.left + 10, y - _SLOT / 2 - 8, fitting(words, self.wide - 24, 12.5), size=12.5, fill=ink)
        return out + (self._computing(y) if step.computes else "")

    def _computing(self, y: float) -> str:
        x, right = self.x, self.right
        arrows = "".join(
            f"M{start:.1f} {y:.1f}H{end - 1:.1f}M{end - 5:.1f} {y - 4:.1f}L{end:.1f} {y:.1f}L{end - 5:.1f} {y + 4:.1f}"
            for start, end in ((x - 22, x - 5), (right + 5, right + 18))
        )
        return (
            svg.tag("path", d=arrows, fill="none", stroke=svg.TEXT, stroke_width="1.6")
            + svg.text(x - 26, y + 4, "input", anchor="end", size=12.5)
            + svg.text(right + 21, y + 4, "output", size=12.5, font_weight=700)
        )


def _spoken(step: DeploymentStep) -> str:
    sides = []
    for name, ledger in (("TreeDNN", step.tree), ("Dedicated networks", step.dedicated)):
        size = {what: amount(value, Unit.BYTES) for what, value in asdict(ledger).items()}
        sides.append(
            f"{name}: Memory {size['memory']}, Read for this request: {size['read']}, Read so far: {size['total']}"
        )
    return f"{step.title}. {'. '.join(sides)}"
