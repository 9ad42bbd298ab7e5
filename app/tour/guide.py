"""Shows the stop that the URL names, and goes to the next one."""

from dataclasses import asdict

import streamlit as st

from app.components.tour_card import tour_card
from app.tour.stops import STOPS, Stop
from app.ui.opening import page_path
from app.ui.page_url import keep, kept
from core.studies.bundled import FIRST

_ABOUT_NO_STUDY = ("start", "learn")
PARAMETER, _KEY, _GOING = "tour", "tour_card", "tour_going"


def follow_tour() -> None:
    """Switch to the page of the stop that was requested; before anything of this one is drawn."""
    number = st.session_state.pop(_GOING, 0)
    if number:
        # The URL of another page decides, on the same one the session.
        st.session_state[PARAMETER] = str(number)
        page = STOPS[number - 1].page
        about = {} if page in _ABOUT_NO_STUDY else {"study": FIRST}
        st.switch_page(page_path(page), query_params={PARAMETER: str(number), **about})


def begin_tour(page: str) -> None:
    """Read the URL when it decides; who opens another page than the tour's ends it.

    Args:
        page: Name of the open page's file.
    """
    stop = _stop(kept(PARAMETER))
    if stop is None or stop.page != page:
        keep(PARAMETER, "")


def show_tour(page: str) -> None:
    """Show the stop that is open; on the first page without one, offer the tour to who was never asked.

    Args:
        page: Name of the open page's file.
    """
    code = str(st.session_state.get(PARAMETER, ""))
    stop, offers = _stop(code), page == STOPS[0].page
    if stop is None and not offers:
        return
    shown = None if stop is None else {"number": int(code), **asdict(stop)}
    tour_card({"stop": shown, "of": len(STOPS), "offers": offers}, key=_KEY, on_go=_by_card)


def start_tour() -> None:
    """Go to the first stop. For callbacks."""
    _go(1)


def _stop(code: str) -> Stop | None:
    known = {str(number): stop for number, stop in enumerate(STOPS, start=1)}
    return known.get(code)


def _by_card() -> None:
    """Go where the card leads; what the browser sends is checked."""
    number = getattr(st.session_state.get(_KEY), "go", None)
    if isinstance(number, int | float) and not isinstance(number, bool) and number in range(len(STOPS) + 1):
        _go(int(number))


def _go(number: int) -> None:
    if number:
        st.session_state[_GOING] = number
    else:
        keep(PARAMETER, "")
