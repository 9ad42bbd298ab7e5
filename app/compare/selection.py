"""Which network is selected and which are pinned: layouts as on the other pages, networks of other families beside."""

from app.compare.model import CompareView, code_of
from app.compare.pinned import keep_codes, pinned_codes, unpin_code
from app.ui import state
from app.ui.page_url import keep, kept
from app.ui.unread_address import refuse
from core.layouts import Layout
from core.plane.comparison import Priced

# In the URL and the session.
NETWORK = "chosen"
LETTERS = "ABCD"


def selected(view: CompareView) -> Priced | None:
    """Return the network that was selected by hand; None while what is recommended is shown."""
    code = kept(NETWORK)
    if code and (found := view.find(code)):
        return found
    if code:
        keep(NETWORK, "")
        refuse(NETWORK, "the code of a network of this plane")
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


def pins(view: CompareView) -> dict[str, Priced]:
    """Return letter → pinned network, layouts first; those without this cost are left out, but keep their letters."""
    pinned: dict[str, Priced | None] = {}
    for layout in state.pins(view.study.n_tasks, view.study.n_blocks):
        pinned[str(layout)] = _of_layout(view, layout)
    measured = {code_of(point) for point in view.plane.measured}
    pinned |= {code: view.find(code) for code in pinned_codes() if code in measured}
    return {letter: found for letter, found in zip(LETTERS, pinned.values(), strict=False) if found is not None}


def can_pin(view: CompareView, network: Priced) -> bool:
    """Return whether a network is not pinned, and fewer than four are."""
    measured = {code_of(point) for point in view.plane.measured}
    n_pinned = len(state.pins(view.study.n_tasks, view.study.n_blocks))
    n_pinned += sum(code in measured for code in pinned_codes())
    return n_pinned < len(LETTERS) and network not in pins(view).values()


def pin(view: CompareView, network: Priced) -> None:
    """Pin a network, or do nothing where it is pinned or four are."""
    if not can_pin(view, network):
        return
    if network.point.layout is not None:
        state.pin(network.point.layout)
    else:
        keep_codes([*pinned_codes(), code_of(network.point)])


def unpin(network: Priced) -> None:
    """Remove a pin."""
    if network.point.layout is not None:
        state.unpin(network.point.layout)
    else:
        unpin_code(code_of(network.point))


def _of_layout(view: CompareView, layout: Layout) -> Priced | None:
    return next((each for each in view.networks if each.point.layout == layout), None)
