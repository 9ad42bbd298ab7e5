"""The path of trees over α and the tree that is shown, as a figure for a paper."""

import math
from functools import partial

from app.affinity_source.inputs import ORIGIN_WORDS
from app.branching.scene import BranchingScene, range_words
from app.charts.alpha_path import short_alpha
from app.figures.bibliography import BRANCHED
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import MUTED, Plot, Series, Tree
from app.ui.formatting import plural
from app.ui.layout_words import layout_sentence

# More breakpoints than this can't be named on one axis.
_NAMED = 8


def paper_menu(scene: BranchingScene, alpha: float) -> None:
    """Show the menu of the path and the tree beside it."""
    figure_menu(
        partial(path_figure, scene, alpha), key="branching", tasks=scene.view.tasks, has_order=True,
        stem=f"branchwise-{scene.study.name}-alpha-path",
    )  # fmt: skip


def path_figure(scene: BranchingScene, alpha: float, edits: Edits) -> PaperFigure:
    """Return cost and clustering over α beside the tree that is the cheapest at an α."""
    steps, scale = scene.intervals, scene.axis[0]
    tasks = edits.named(scene.view.tasks)
    layout = scene.view.step(alpha).tree.layout
    places, costs, clusterings = [], [], []
    for at, step in enumerate(steps):
        for part in range(9):
            place = scale.places[at] + part / 8 * (scale.places[at + 1] - scale.places[at])
            start, end = scale.alphas[at], scale.alphas[at + 1]
            here = end * part / 8 if start == 0 else start * (end / start) ** (part / 8)
            places.append(place)
            costs.append(step.cost(here))
            clusterings.append(step.clustering)
    every = max(1, math.ceil(len(steps) / _NAMED))
    ticks = [(scale.places[at], short_alpha(scale.alphas[at])) for at in range(0, len(steps), every)]
    plot = Plot(
        (
            Series("cost of the cheapest tree", tuple(places), tuple(costs), mark="", line="-"),
            Series("its clustering cost", tuple(places), tuple(clusterings), mark="", line="--", colour=MUTED),
        ),
        "α (each tree has a share of the axis; numbers are breakpoints)", "cost, without unit", x_ticks=tuple(ticks),
        verticals=((scale.x(alpha), f"α = {alpha:.3g}"),), y_from_zero=True,
    )  # fmt: skip
    tree = Tree(layout, tasks, tuple(scene.block_costs), "width: MACs", title=layout_sentence(layout, tasks),
                order=edits.ordered(len(tasks)))  # fmt: skip
    evidence = scene.evidence
    source = [ORIGIN_WORDS[evidence.origin]]
    if evidence.losses is not None:
        source += ["validation split", plural(evidence.losses.n_samples, "sample"),
                   plural(len(evidence.losses.seeds), "seed")]  # fmt: skip
    kind = "given distances" if evidence.given_distance is not None else f"distance {scene.kind}"
    exact = scene.view.exact is not None
    current = scene.view.step(alpha)
    return PaperFigure(
        f"Trees over α: {scene.study.title}",
        f"{', '.join(source)}; {kind}",
        (plot, tree),
        caption=f"Cost of the cheapest tree over α, found {'exactly' if exact else 'by beam search with regrafting'}. "
        f"Beside it the tree at α = {alpha:.3g}, {range_words(current.start, current.end)}.",
        columns=("tree", "layout", "alpha from", "alpha to", "clustering", "complexity"),
        rows=tuple(
            (at, str(each.tree.layout), each.start, None if each.end == math.inf else each.end,
             each.tree.clustering, each.tree.complexity)
            for at, each in enumerate(scene.view.steps)
        ),
        papers=(BRANCHED,),
        provenance=provenance_of(scene.study),
    )  # fmt: skip
