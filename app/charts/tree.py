"""A layout as a tree, as the browser draws it: width by cost, colour by task."""

from collections.abc import Collection, Sequence

from app.charts.drawing import Drawing
from core.layouts import Layout


def tree_drawing(
    layout: Layout,
    tasks: Sequence[str],
    costs: Sequence[float],
    *,
    width: int = 400,
    marked: Collection[int] = (),
    label: str = "",
    hues: Sequence[int] | None = None,
) -> Drawing:
    """Return the drawing of a layout.

    Args:
        layout: The layout.
        tasks: Names, in index order.
        costs: Cost of one copy of each block, ``[n_blocks]``; decides the widths.
        width: Width of the drawing in its own units.
        marked: Blocks to underline, such as those that differ from another layout.
        label: Spoken description.
        hues: Which colour each task has, where these tasks are only some of a study's.
    """
    asked = {
        "layout": layout.to_json(),
        "tasks": list(tasks),
        "costs": list(costs),
        "width": width,
        "marked": sorted(marked),
        "label": label or str(layout),
    }
    return Drawing("tree", asked if hues is None else {**asked, "hues": list(hues)})


def small_tree_drawing(layout: Layout, *, width: float = 104.0, height: float = 58.0) -> Drawing:
    """Return a layout as a small picture without words, to tell trees of a row apart.

    Args:
        layout: The layout.
        width: Width of the drawing in its own units.
        height: Its height.
    """
    return Drawing("small_tree", {"layout": layout.to_json(), "width": width, "height": height})
