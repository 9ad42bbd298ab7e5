"""What makes a page large for a projector, and goes from step to step by the keys of a clicker."""

from collections.abc import Callable

from app.components.served import Component

_PRESENTER = Component("presenter")


def presenter(page: str, *, on: bool, waits: bool, key: str, on_toggle: Callable[[], None]) -> None:
    """Place what invisibly begins and ends presenter mode.

    Args:
        page: Name of the open page.
        on: Whether somebody presents.
        waits: Whether the page is drawn only in the run that the browser asks for when it has changed its text.
        key: Key of the component.
        on_toggle: Called when the key P was pressed.
    """
    data = {"page": page, "on": on, "waits": waits}
    _PRESENTER(key=key, data=data, on_toggle_change=on_toggle, on_ready_change=lambda: None)
