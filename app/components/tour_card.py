"""The card of the guided tour, above the page, and the offer to take it."""

from collections.abc import Callable, Mapping

from app.components.served import Component

_CARD = Component("tour_card")


def tour_card(data: Mapping[str, object], *, key: str, on_go: Callable[[], None]) -> None:
    """Place the card.

    Args:
        data: ``stop`` with its number, title, words and ring, or None; ``of``, the number of stops; ``offers``, whether
            a browser that was never asked is asked.
        key: Key of the component; its trigger ``go`` is the number of the stop to go to, 0 to end.
        on_go: Called when somebody goes on, goes back or ends.
    """
    _CARD(key=key, data=dict(data), on_go_change=on_go)
