"""Branchwise from Python: decide what a multi-task network shares, and take the network home.

    >>> import branchwise
    >>> table = branchwise.read_table("assets/samples/table.csv")
    >>> found = branchwise.recommend(table, costs=[232, 1184, 3520, 13952, 18560], budget="60%")
    >>> print(found.recommended.layout.to_text(table.tasks))
    segmentation,normals,depth | segmentation,normals,depth | segmentation,normals,depth | segmentation,normals,depth | segmentation,depth;normals

Nothing is imported before it is used: tables need no torch. Everything here is a thin door to ``core``, which may
change; the names of this module stay.
"""  # noqa: E501  # what is printed is one line

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from branchwise.affinities import branch, read_affinity
    from branchwise.networks import load_module, trace, tree_network
    from branchwise.studies import open_study, run_study
    from branchwise.tables import Prediction, Recommended, front, read_table, recommend
    from core.errors import BranchwiseError
    from core.layouts import Layout

__all__ = [
    "BranchwiseError",
    "Layout",
    "Prediction",
    "Recommended",
    "branch",
    "front",
    "load_module",
    "open_study",
    "read_affinity",
    "read_table",
    "recommend",
    "run_study",
    "trace",
    "tree_network",
]

_PLACES: Final = {
    **dict.fromkeys(("read_table", "recommend", "front", "Prediction", "Recommended"), "branchwise.tables"),
    **dict.fromkeys(("read_affinity", "branch"), "branchwise.affinities"),
    **dict.fromkeys(("trace", "tree_network", "load_module"), "branchwise.networks"),
    **dict.fromkeys(("open_study", "run_study"), "branchwise.studies"),
    "Layout": "core.layouts",
    "BranchwiseError": "core.errors",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any of the names above
    if name not in _PLACES:
        raise AttributeError(f"module 'branchwise' has no attribute '{name}'. It has: {', '.join(__all__)}.")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return __all__
