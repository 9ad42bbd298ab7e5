"""One step forward or back by the arrow keys, or by the keys of a clicker."""

from collections.abc import Callable

from app.components.served import Component

_STEP_KEYS = Component("step_keys")


def step_keys(step: int, last: int, *, opened: bool, key: str, on_go: Callable[[], None]) -> None:
    """Place what invisibly listens to the keys.

    Args:
        step: Which step is shown, counted from 0.
        last: The last one.
        opened: Whether what a question hides is shown.
        key: Key of the component; its trigger ``go`` is the step to show.
        on_go: Called when a key was pressed.
    """
    _STEP_KEYS(key=key, data={"step": step, "last": last, "opened": opened}, on_go_change=on_go)
