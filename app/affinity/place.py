"""Which depth and which pair the Affinity page shows: kept in the session and in the address."""

import streamlit as st

from app.views.affinity import AffinityView

KEY = "affinity_map"


def depth_shown(n_depths: int) -> int:
    """Give the depth that is shown, counted from 0; the middle one where none was chosen or it is not there."""
    words = _remembered("depth")
    depth = int(words) if words.isdecimal() and len(words) < 4 else -1
    if 0 <= depth < n_depths:
        return depth
    _write("depth", "")
    return (n_depths - 1) // 2


def pair_shown(view: AffinityView) -> tuple[int, int]:
    """Give the pair that is open, the smaller index first; the closest where none was chosen or it is not there."""
    words = _remembered("pair")
    found = pair_of(words.split("-"), len(view.tasks))
    if found is None:
        _write("pair", "")
        return view.closest
    return found


def pair_of(value: object, n_tasks: int) -> tuple[int, int] | None:
    """Give a pair of tasks from what an address or a browser sent, or None where it is none.

    >>> pair_of(["2", "0"], 3), pair_of([1, 1], 3), pair_of("01", 3)
    ((0, 2), None, None)
    """
    if not isinstance(value, list) or len(value) != 2:
        return None
    tasks = [int(each) if str(each).isdecimal() and len(str(each)) < 4 else -1 for each in value]
    low, high = min(tasks), max(tasks)
    return (low, high) if 0 <= low < high < n_tasks else None


def depth_moved(n_depths: int) -> None:
    """Write down the depth that the browser came to rest at; what it sends is checked like any upload."""
    value = getattr(st.session_state.get(KEY), "depth", None)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(n_depths):
        _write("depth", str(int(value)))


def pair_opened(n_tasks: int) -> None:
    """Write down the pair that was opened in the browser."""
    found = pair_of(getattr(st.session_state.get(KEY), "pair", None), n_tasks)
    if found is not None:
        _write("pair", f"{found[0]}-{found[1]}")


def _remembered(name: str) -> str:
    # Another page drops the parameters of this one; they are written again when it is opened again.
    words = str(st.query_params.get(name) or st.session_state.get(f"affinity_{name}", ""))
    _write(name, words)
    return words


def _write(name: str, words: str) -> None:
    st.session_state[f"affinity_{name}"] = words
    if words:
        if st.query_params.get(name) != words:
            st.query_params[name] = words
    elif name in st.query_params:
        del st.query_params[name]
