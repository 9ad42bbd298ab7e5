"""Pinned networks of families other than layouts, for the sidebar of every page."""

from functools import partial

from app.ui.page_url import keep, kept
from app.ui.sidebar import PinnedNetwork
from core.studies.study import Study

# In the URL and the session, beside the ``pins`` of layouts.
NETWORKS = "pinned"
BETWEEN = "~"


def pinned_codes() -> list[str]:
    """Return the codes of pinned networks, each once; some may be of another study."""
    return list(dict.fromkeys(code for code in kept(NETWORKS).split(BETWEEN) if code))


def keep_codes(codes: list[str]) -> None:
    """Pin networks by their codes."""
    keep(NETWORKS, BETWEEN.join(codes))


def pinned_networks(study: Study) -> list[PinnedNetwork]:
    """Return the pinned networks that a study has measured, in words."""
    codes = pinned_codes()
    if not codes:
        return []
    # Loaded only where something is pinned: the plane of all families takes a moment.
    from app.compare.kept import study_plane
    from app.compare.model import code_of
    from app.compare.words import title

    known = {code_of(point): point for point in study_plane(study.name).measured}
    return [PinnedNetwork(title(known[code]), partial(unpin_code, code)) for code in codes if code in known]


def unpin_code(code: str) -> None:
    """Remove the pin of a network."""
    keep_codes([each for each in pinned_codes() if each != code])
