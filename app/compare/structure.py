"""The structure of a network of any family: which task uses which piece of parameters."""

from app.charts.allocation import allocation_picture
from app.compare.words import title
from core.costs import Unit
from core.plane.point import PlanePoint
from core.studies.family import families
from core.studies.study import Study


def structure_svg(study: Study, point: PlanePoint, unit: Unit) -> str:
    """Return pieces × tasks of a network as an SVG text; empty where its family has no such description.

    Args:
        study: Whose network it is.
        point: The network.
        unit: Unit of the widths.
    """
    family = next((each for each in families() if each.name == point.family), None)
    allocation = None if family is None else family.allocation(study, point)
    return "" if allocation is None else allocation_picture(allocation, unit, width=380, label=title(point))
