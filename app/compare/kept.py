"""What the Compare page computes once for all its users."""

from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from app.charts.plane import Scale
from app.compare.entries import budget_entries
from app.compare.model import CompareView, code_of
from app.compare.picture import WIDTHS, Layers, compare_svg, readout, scale_of
from app.components.compare_plane import packed_entries
from app.components.packed import packed_json
from app.ui import cached
from core.costs import CostQuestion, Unit
from core.studies.study_plane import StudyPlane


@dataclass(frozen=True, eq=False)
class CompareScene:
    """A view with what is drawn of it.

    Args:
        view: What is shown.
        layers: What is drawn besides measured networks.
    """

    view: CompareView
    layers: Layers

    @cached_property
    def scale(self) -> Scale:
        """Where the widest plane lies."""
        return self.scales[-1]

    @cached_property
    def scales(self) -> list[Scale]:
        """Where the planes lie, by rising width."""
        return [scale_of(self.view, self.layers, width) for width in WIDTHS]

    @cached_property
    def packed(self) -> tuple[str, str]:
        """Networks that budgets recommend, and what is said of each budget, packed."""
        entries, rows = budget_entries(self.view)
        return packed_entries(entries), packed_entries(rows)

    @cached_property
    def readouts(self) -> str:
        """Code and line of each network, packed."""
        return packed_json([[code_of(each.point), readout(self.view, each)] for each in self.view.networks])

    def plane(self, pins: dict[str, str]) -> str:
        """Return the drawings of the plane, by rising width, packed."""
        key = tuple(pins.items())
        if key not in self._planes:
            if len(self._planes) > 16:
                self._planes.clear()
            self._planes[key] = packed_json([compare_svg(self.view, scale, self.layers, pins) for scale in self.scales])
        return self._planes[key]

    @cached_property
    def _planes(self) -> dict[tuple[tuple[str, str], ...], str]:
        return {}


def compare_scene(
    name: str, question: CostQuestion, unit: Unit, task: str | None, layers: Layers, *, as_metric: bool = False
) -> CompareScene:
    """Return the networks of a study at one question of cost."""
    version = cached.version_of(name)
    return _scene(name, version, question, unit, task, layers.predicted, layers.published, as_metric)


def compare_view(
    name: str, question: CostQuestion, unit: Unit, task: str | None, *, as_metric: bool = False
) -> CompareView:
    """Return the networks of a study at one question of cost, without drawings."""
    return _view(name, cached.version_of(name), question, unit, task, as_metric)


@st.cache_resource(max_entries=48, show_spinner="Comparing families …", show_time=True)
def _scene(
    name: str,
    version: str,  # noqa: ARG001  # part of the key
    question: CostQuestion,
    unit: Unit,
    task: str | None,
    predicted: bool,
    published: bool,
    as_metric: bool,
) -> CompareScene:
    return CompareScene(
        compare_view(name, question, unit, task, as_metric=as_metric), Layers(predicted, published)
    )  # fmt: skip


@st.cache_resource(max_entries=48, show_spinner="Comparing families …", show_time=True)
def _view(
    name: str, version: str, question: CostQuestion, unit: Unit, task: str | None, as_metric: bool
) -> CompareView:
    plane = _plane(name, version)
    return CompareView(plane, question, unit, task, plane.scale(task) if as_metric and task else None)


def study_plane(name: str) -> StudyPlane:
    """Return the networks of a study, of all families."""
    return _plane(name, cached.version_of(name))


@st.cache_resource(max_entries=8, show_spinner="Reading the networks …", show_time=True)
def _plane(name: str, version: str) -> StudyPlane:  # noqa: ARG001  # part of the key
    return StudyPlane(cached.study(name))
