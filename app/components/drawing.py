"""A drawing of ours on a page, in the colours of the theme that is on."""

from collections.abc import Sequence

from app.charts.drawing import Drawing
from app.components.served import Component

_PICTURE = Component("picture")


def drawing(picture: str | Sequence[str] | Drawing, *, key: str, saved_as: str = "", caption: str = "") -> None:
    """Show a drawing.

    Args:
        picture: An SVG text that one of our chart functions made, the same picture at several widths, of which the
            browser shows the one that fits with text of its own size, or a drawing that the browser makes.
        key: Key of the component.
        saved_as: Name of the files that can be saved, without ending; empty offers none.
        caption: Words below the drawing in such a file.
    """
    data: dict[str, object] = (
        {"drawing": picture.name, "asked": dict(picture.asked)}
        if isinstance(picture, Drawing)
        else {"svgs": [picture] if isinstance(picture, str) else list(picture)}
    )
    _PICTURE(key=key, data={**data, "filename": saved_as, "caption": caption} if saved_as else data)
