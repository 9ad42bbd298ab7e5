"""Which network is selected and which are pinned: layouts as on the other pages, networks of other families beside."""

from app.compare.model import CompareView, code_of
from app.ui import state
from app.ui.page_url import keep, kept
from core.layouts import Layout
from core.plane.comparison import Priced

# In the URL and the session.
NETWORK, NETWORKS = "chosen", "pinned"
_BETWEEN = "~"


def selected(view: CompareView) -> Priced | None:
    """Return the network that was selected by hand; None while what is recommended is shown."""
    code = kept(NETWORK)
    if code and (found := view.find(code)):
        return found
    if code:
        keep(NETWORK, "")
    layout = state.selected(view.study.n_tasks, view.study.n_blocks)
    return None if layout is None else _of_layout(view, layout)


def select(network: Priced | None) -> None:
    """Select a network; a layout is selected on all pages. None follows the budget."""
    layout = None if network is None else network.point.layout
    keep(NETWORK, "" if network is None or layout is not None else code_of(network.point))
    if layout is not None or network is None:
        state.select(layout)


def select_code(view: CompareView, code: str) -> None:
    """Select the network of a code, if it is on the plane."""
    if found := view.find(code):
        select(found)


def pins(view: CompareView) -> list[Priced]:
    """Return the pinned networks that are on the plane, layouts first; four at most."""
    layouts = [_of_layout(view, layout) for layout in state.pins(view.study.n_tasks, view.study.n_blocks)]
    others = [view.find(code) for code in kept(NETWORKS).split(_BETWEEN) if code]
    found = {code_of(each.point): each for each in (*layouts, *others) if each is not None}
    return list(found.values())[: state.MAX_PINS]


def pin(view: CompareView, network: Priced) -> None:
    """Pin a network, or do nothing where it is pinned or four are."""
    pinned = pins(view)
    if network in pinned or len(pinned) >= state.MAX_PINS:
        return
    if network.point.layout is not None:
        state.pin(network.point.layout)
    else:
        _keep([*(each for each in pinned if each.point.layout is None), network])


def unpin(view: CompareView, network: Priced) -> None:
    """Remove a pin."""
    if network.point.layout is not None:
        state.unpin(network.point.layout)
    else:
        _keep([each for each in pins(view) if each.point.layout is None and each != network])


def _keep(networks: list[Priced]) -> None:
    keep(NETWORKS, _BETWEEN.join(code_of(each.point) for each in networks))


def _of_layout(view: CompareView, layout: Layout) -> Priced | None:
    return next((each for each in view.networks if each.point.layout == layout), None)
