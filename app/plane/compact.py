"""The plane for a first look: the front and its neighbours, without what only the Budget page explains."""

from dataclasses import replace

from app.charts.plane import drawn_planes
from app.components.budget_plane import plane_data
from app.components.packed import packed_json
from app.plane.scene import Scene
from app.ui.inputs import DEFAULT_TOLERANCE


def compact_data(
    scene: Scene,
    budget: float,
    *,
    size: tuple[float, float],
    caption: str,
    stamp: str,
    words: dict[str, str] | None = None,
) -> dict[str, object]:
    """Return what the browser gets to draw the plane of predicted gains, whose line is dragged and no layout is edited.

    Args:
        scene: The plane.
        budget: As a fraction of single-task networks.
        size: Width and height of the drawing where it is no phone.
        caption: What stands below it.
        stamp: Changes whenever the drawing does.
        words: What the figure calls something, where it has another word than the Budget page.
    """
    plane = replace(scene.plane([], None), trained=[], links=[], y_label="Predicted gain Δ vs single-task networks")
    drawn = drawn_planes(plane, *size)
    data = plane_data(
        plane=packed_json([each.svg for each in drawn]),
        scales=[each.scale for each in drawn],
        front=scene.packed,
        confidences=scene.confidences(DEFAULT_TOLERANCE),
        picked=None,
        budget=budget,
        tasks=scene.view.study.task_names,
        costs=scene.view.costs.tolist(),
        domain=scene.domain,
        caption=caption,
        filename="",
        stamp=stamp,
        words={"cheapestOf": scene.cheapest_of} | (words or {}),
    )
    return data | {"compact": True, "editable": False}
