"""Keys pressed faster than any rest between them, however busy the machine is."""

from playwright.sync_api import Locator

# A range of the browser's own moves by real keys only, so its step is made here.
_PRESS = """
    (element, keys) => {
        element.focus();
        for (const key of keys) {
            element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            if (element.type !== "range") continue;
            element[{ ArrowRight: "stepUp", ArrowLeft: "stepDown" }[key]]();
            for (const name of ["input", "change"]) element.dispatchEvent(new Event(name, { bubbles: true }));
        }
    }
"""


def press_at_once(element: Locator, *keys: str) -> None:
    """Press keys in an element without a moment between them, so that the page sees one movement.

    Args:
        element: Has the focus. In a range, only the arrows to left and right are known.
        keys: As in ``KeyboardEvent.key``.
    """
    element.evaluate(_PRESS, keys)
