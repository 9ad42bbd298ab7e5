"""Parts of both pictures of a TreeDNN: bars of blocks, names of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.charts import svg
from app.ui.formatting import amount
from core.costs import Unit
from core.families.treednn.costs import CutBackbone

Style = Mapping[str, object]
Row = tuple[int, ...]

WIDTH = 760.0
FROZEN: Style = {"fill": "url(#hatch)", "stroke": svg.MUTED, "stroke_width": 1}
GREY: Style = {"fill": "var(--bw-dominated)", "stroke": "var(--bw-dominated)"}
_NAMED = 11  # more branches than one beyond this are summarised in a last row


@dataclass(frozen=True, eq=False)
class DrawnTree:
    """Sizes and names of a TreeDNN for the pictures.

    Args:
        cut_backbone: Trunk and branches; blocks are drawn as long as their parameters.
        names: Of the branches, ``[n_branches]``.
        graft: Name of a branch that is grafted later.
    """

    cut_backbone: CutBackbone
    names: Sequence[str]
    graft: str = "new branch"

    @cached_property
    def trunk(self) -> list[int]:
        """Parameters of each block of the trunk."""
        return [block.params for block in self.cut_backbone.backbone.blocks[: self.cut_backbone.cut]]

    @cached_property
    def branch(self) -> list[int]:
        """Parameters of each block of a branch."""
        return [block.params for block in self.cut_backbone.backbone.blocks[self.cut_backbone.cut :]]

    @cached_property
    def rows(self) -> list[Row]:
        """Which rows stand for which branches: one each, or the first ones and one for all others."""
        n = len(self.names)
        if n <= _NAMED + 1:
            return [(place,) for place in range(n)]
        return [*((place,) for place in range(_NAMED)), tuple(range(_NAMED, n))]

    def row_name(self, row: Row, many: str = "{} more branches") -> str:
        """Return what a row is called."""
        return many.format(len(row)) if len(row) > 1 else self.names[row[0]]

    @property
    def trunk_size(self) -> str:
        """Bytes of the trunk as text."""
        return amount(self.cut_backbone.bytes.trunk, Unit.BYTES)

    @property
    def branch_size(self) -> str:
        """Bytes of a branch as text."""
        return amount(self.cut_backbone.bytes.branches[0], Unit.BYTES)


def block_bar(sizes: Sequence[int], x: float, y: float, scale: float, height: float, style: Style) -> str:
    """Return a bar of blocks around a height; gaps between blocks only where there is room for them.

    Args:
        sizes: Parameters of each block.
        x: Left end.
        y: Middle.
        scale: Units of the drawing for each parameter.
        height: Of the bar.
        style: Attributes of every block.
    """
    drawn, left = "", x
    for size in sizes:
        width = size * scale
        if width > 0.15:
            gap, corner = (1.4 if width > 5 else 0.0), (2 if width > 6 else 0)
            box = {"x": left, "y": y - height / 2, "width": f"{max(width - gap, 0.4):.2f}", "height": height}
            drawn += svg.tag("rect", rx=corner, **box, **style)
        left += width
    return svg.tag("g", drawn) if drawn else ""


def fitting(words: str, width: float, size: float = 13.0) -> str:
    """Return words that fit into a width, with an ellipsis where they do not."""
    return svg.shortened(words, max(3, int(width / (size * 0.53))))
