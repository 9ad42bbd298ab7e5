"""The bar of a class on every page; the presenter's shows the page to the class."""

from app.components.served import Component

_BAR = Component("class_bar")


def class_bar(*, presenter: bool, panel: bool) -> None:
    """Place the bar.

    Args:
        presenter: Whether this browser is the presenter's; a page of anybody else's that claims to be is refused.
        panel: Whether the open page is the presenter's panel, which is not shown.
    """
    _BAR(key="class_bar", data={"presenter": presenter, "panel": panel})
