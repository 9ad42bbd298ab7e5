"""A drawing of ours on a page, in the colours of the theme that is on."""

from app.charts.drawing import Drawing
from app.components.served import Component

_PICTURE = Component("picture")


def drawing(picture: str | Drawing, *, key: str, saved_as: str = "", caption: str = "") -> None:
    """Show a drawing.

    Args:
        picture: An SVG text that one of our chart functions made, or a drawing that the browser makes.
        key: Key of the component.
        saved_as: Name of the files that can be saved, without ending; empty offers none.
        caption: Words below the drawing in such a file.
    """
    data: dict[str, object] = (
        {"svg": picture} if isinstance(picture, str) else {"drawing": picture.name, "asked": dict(picture.asked)}
    )
    _PICTURE(key=key, data={**data, "filename": saved_as, "caption": caption} if saved_as else data)
