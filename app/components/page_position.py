"""Where a page begins: at its top when a link opens it, where it was left when the browser goes back to it."""

from app.components.served import Component

_PAGE_POSITION = Component("page_position")


def page_position(page: str) -> None:
    """Place what invisibly moves the reader to the begin of a page that was not open before.

    Args:
        page: Name of the open page.
    """
    _PAGE_POSITION(key="page_position", data={"page": page})
