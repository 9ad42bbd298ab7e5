"""The trees of one tensor with their drawings; computed once, shared by all users."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.branching.model import branching_view, fits, short_layout_label
from app.charts.alpha_path import AlphaScale, Interval, alpha_path_svg, alpha_scale, short_alpha
from app.components.alpha_tree import TreeEntry, packed_entries
from app.ui import cached
from app.ui.layout_words import layout_sentence
from app.ui.links import layout_code
from core.affinity.distance import Distance
from core.affinity.evidence import Evidence
from core.affinity.resampling import resampled_affinities
from core.errors import AffinityError
from core.layouts import Layout
from core.selection.alpha_path import AlphaPath
from core.selection.beam import WIDTH
from core.selection.branched import MAX_EXACT_TASKS
from core.selection.branched_case import BranchedTree
from core.selection.tree_certainty import TreeCertainty, tree_certainty
from core.studies.study import Study

Array = NDArray[np.float64]

# From here on the search for one draw takes so long that fewer are drawn.
_DRAWS = {10: 100, 11: 50}
_MOST_DRAWS = 200
# More copies than this are too many to step through with the Tab key.
_MOST_TARGETS = 150


@dataclass(frozen=True, eq=False)
class BranchingScene:
    """The trees of one tensor ready to be shown.

    Args:
        study: The study that is open.
        evidence: The tensor.
        kind: How its affinities become distances.
        view: The trees.
        stamp: Tells this tensor and these settings from all others.
        source: Tells this tensor from all others.
        drawn: What the browser shows of a layout whatever its interval of α is, as far as it was drawn before.
    """

    study: Study
    evidence: Evidence
    kind: Distance
    view: AlphaPath
    stamp: str
    source: str
    drawn: dict[Layout, TreeEntry] = field(default_factory=dict, repr=False)

    @cached_property
    def misfit(self) -> str:
        """Why its trees are no layouts of the study; empty where they are."""
        return fits(self.evidence, self.study)

    @cached_property
    def block_costs(self) -> list[float]:
        """The line widths of blocks: their MACs where they are known, else equal."""
        macs = [float(block.macs) for block in self.study.backbone.blocks] if not self.misfit else []
        return macs if any(macs) else [1.0] * self.view.n_depths

    @cached_property
    def intervals(self) -> list[Interval]:
        """The path as the axis needs it."""
        return [Interval(s.start, s.end, s.tree.clustering, s.tree.complexity) for s in self.view.steps]

    @cached_property
    def axis(self) -> tuple[AlphaScale, str]:
        """The axis and its drawing."""
        scale = alpha_scale(self.intervals)
        return scale, alpha_path_svg(self.intervals, scale)

    @cached_property
    def entries(self) -> list[TreeEntry]:
        """The path as the browser shows it."""
        return [self._entry(place) for place in range(len(self.view.steps))]

    def _entry(self, place: int) -> TreeEntry:
        step = self.view.steps[place]
        layout = step.tree.layout
        if layout not in self.drawn:
            self.drawn[layout] = self._draw(step.tree)
        return replace(
            self.drawn[layout],
            start=step.start,
            at=self.view.at(place),
            range=range_words(step.start, step.end),
            short=short_range(step.start, step.end),
        )

    def _draw(self, tree: BranchedTree) -> TreeEntry:
        layout, tasks = tree.layout, self.view.tasks
        clustering, complexity = self.view.case.terms(layout)
        sentence = layout_sentence(layout, tasks)
        return TreeEntry(
            code=layout_code(layout),
            layout=layout.to_json(),
            selectable=layout.n_groups <= _MOST_TARGETS,
            start=0.0,
            at=0.0,
            c=tree.clustering,
            k=tree.complexity,
            clustering=clustering.tolist(),
            complexity=complexity.tolist(),
            title=sentence,
            range="",
            short="",
            counts=short_layout_label(layout),
        )

    @property
    def drawing(self) -> dict[str, object]:
        """What the drawings of all its trees share."""
        return {"tasks": list(self.view.tasks), "costs": self.block_costs}

    @cached_property
    def packed(self) -> str:
        """The path as it travels to the browser."""
        return packed_entries(self.entries)

    def searched(self, alpha: float, width: int) -> "BranchingScene":
        """Return these trees and the one found for this very α, where that is cheaper."""
        return _searched(self.stamp, self, alpha, width)

    def gaps(self, alpha: float, width: int) -> tuple[float, float]:
        """Return by how much beam search costs more than the current tree, without and with regrafting."""
        return _gaps(self.stamp, self, alpha, width)

    def first_needed(self, alpha: float, width: int) -> int:
        """Return the first depth that the beam search needs, as ``BeamSearch.first_needed`` does."""
        return _first_needed(self.stamp, self, alpha, width)

    def certainty(self, alpha: float) -> TreeCertainty:
        """Return the trees found in resamples of validation samples and seeds.

        Raises:
            AffinityError: The tensor is not made of losses, has too many tasks, or a seed misses networks.
        """
        if self.evidence.losses is None:
            raise AffinityError(
                "Confidence needs affinities of recombined networks, which have a loss per sample. Choose them "
                "above, or train them on the Train page."
            )
        if len(self.view.tasks) > MAX_EXACT_TASKS:
            raise AffinityError(
                f"Searching a tree of {len(self.view.tasks)} tasks for every resample takes too long. The "
                "Affinity page has the confidence of each pair."
            )
        return _certainty(self.stamp, self, alpha)


def scene_of(study: Study, evidence: Evidence, kind: Distance, downs: Sequence[float], width: int) -> BranchingScene:
    """Return the trees of a tensor.

    Raises:
        AffinityError: A cell is missing, or the numbers don't fit.
    """
    hashed = hashlib.sha256(evidence.affinity.tobytes())
    shapes = (evidence.affinity.shape, None if evidence.losses is None else evidence.losses.values.shape)
    hashed.update(repr((evidence.tasks, shapes, evidence.origin, evidence.eigenvector)).encode())
    if evidence.given_distance is not None:
        hashed.update(evidence.given_distance.tobytes())
    # Up to eleven tasks the path does not depend on the beam.
    path_width = width if len(evidence.tasks) > MAX_EXACT_TASKS else WIDTH
    # The study's version also tells losses apart that happen to give the same affinities.
    name = f"{study.name}/{cached.version_of(study.name)}"
    return _scene(name, hashed.hexdigest(), kind, tuple(downs), path_width, study, evidence)


@st.cache_resource(max_entries=6, show_spinner="Searching trees for every α …", show_time=True)
def _scene(
    name: str, digest: str, kind: Distance, downs: tuple[float, ...], width: int, _study: Study, _evidence: Evidence
) -> BranchingScene:
    view = branching_view(_evidence, kind, downs, width=width)
    stamp = hashlib.sha256(f"{name}{digest}{kind}{downs}{width}".encode()).hexdigest()[:16]
    return BranchingScene(_study, _evidence, kind, view, stamp, f"{name}/{digest}")


@st.cache_resource(max_entries=64, show_spinner=False)
def _searched(stamp: str, _scene: BranchingScene, alpha: float, width: int) -> BranchingScene:
    view = _scene.view.searched(alpha, width)
    # Most often nothing cheaper is found, and the figure that is shown can stay.
    return _scene if view is _scene.view else replace(_scene, view=view, stamp=f"{stamp}-{alpha:g}")


@st.cache_resource(max_entries=256, show_spinner=False)
def _gaps(stamp: str, _scene: BranchingScene, alpha: float, width: int) -> tuple[float, float]:  # noqa: ARG001
    gap = _scene.view.gap(alpha, width)
    # Beyond the exact search the tree shown is the improved one.
    return gap, _scene.view.improved_gap(alpha, width) if gap > 0 and _scene.view.exact is not None else 0.0


@st.cache_resource(max_entries=256, show_spinner=False)
def _first_needed(stamp: str, _scene: BranchingScene, alpha: float, width: int) -> int:  # noqa: ARG001
    needed: int = _scene.view.beams.first_needed(alpha, width=width)
    return needed


@st.cache_resource(max_entries=6, show_spinner="Resampling …", show_time=True)
def _draws(source: str, _evidence: Evidence) -> Array:  # noqa: ARG001  # part of the key
    assert _evidence.losses is not None
    n = _DRAWS.get(len(_evidence.tasks), _MOST_DRAWS)
    rng = np.random.default_rng(0)
    return resampled_affinities(_evidence.losses, n=n, rng=rng, eigenvector=_evidence.eigenvector)


@st.cache_resource(max_entries=64, show_spinner="Searching a tree for every resample …", show_time=True)
def _certainty(stamp: str, _scene: BranchingScene, alpha: float) -> TreeCertainty:  # noqa: ARG001  # part of the key
    draws = _draws(_scene.source, _scene.evidence)
    return tree_certainty(draws, _scene.view.case.downsamplings, alpha, kind=_scene.kind)


def range_words(start: float, end: float) -> str:
    """Return an interval of α in words.

    >>> range_words(0.0, 0.05), range_words(0.07, float("inf"))
    ('cheapest for α up to 0.05', 'cheapest from α = 0.07 on')
    """
    if end == math.inf:
        return f"cheapest from α = {start:.3g} on" if start > 0 else "cheapest for every α"
    return f"cheapest for α from {start:.3g} to {end:.3g}" if start > 0 else f"cheapest for α up to {end:.3g}"


def short_range(start: float, end: float) -> str:
    """Return an interval of α in a few letters.

    >>> short_range(0.0, 0.05), short_range(0.07, float("inf"))
    ('α < .05', 'α > .07')
    """
    if end == math.inf:
        return f"α > {short_alpha(start)}" if start > 0 else "every α"
    return f"{short_alpha(start)} – {short_alpha(end)}" if start > 0 else f"α < {short_alpha(end)}"
