"""Predicted against measured gains, as a figure for a paper."""

from functools import partial

from app.figures.bibliography import TREE_MTL
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import MUTED, Plot, Series
from app.plane.basis import judged_basis
from app.ui.formatting import minus
from core.families.layouts.trained import TrainedView


def agreement_menu(trained: TrainedView) -> None:
    """Show the menu of predicted against measured gains."""
    stem = f"branchwise-{trained.view.study.name}-agreement"
    figure_menu(partial(agreement_paper, trained), key="agreement", stem=stem)


def agreement_paper(trained: TrainedView, edits: Edits) -> PaperFigure:  # noqa: ARG001  # it names no task
    """Return measured over predicted gains of the trained layouts, with the range over seeds."""
    study, found = trained.view.study, trained.agreement
    seeds = trained.oracle.test @ trained.view.weights.values
    low, high = seeds.min(axis=0), seeds.max(axis=0)
    spearman = found.spearman.weighted
    parts = "" if spearman.value is None else f"Spearman correlation {minus(f'{spearman.value:.2f}')}"
    if parts and spearman.low is not None and spearman.high is not None:
        parts += minus(f", 90 % interval {spearman.low:.2f} to {spearman.high:.2f}")
    plot = Plot(
        (
            Series(
                f"{found.n} trained layouts; bar: range over {found.n_seeds} seeds",
                tuple(trained.predicted.tolist()), tuple(trained.scores.tolist()),
                tuple(low.tolist()), tuple(high.tolist()), size=4.0,
            ),
            Series("equal", (), (), mark="", line=":", colour=MUTED),
        ),
        "predicted gain Δ (%)", "measured gain Δ (%)", is_diagonal=True, width=5.0, height=4.0,
    )  # fmt: skip
    return PaperFigure(
        f"Predicted and measured gains of layouts: {study.title}",
        judged_basis(trained),
        (plot,),
        caption=f"Measured against predicted gain Δ of {found.n} trained layouts; bars are the range over seeds. "
        + (f"{parts}." if parts else ""),
        columns=("layout", "predicted gain", "measured gain", *(f"seed {seed}" for seed in trained.oracle.seeds)),
        rows=tuple(
            (str(layout), float(guess), float(score), *map(float, of_seeds))
            for layout, guess, score, of_seeds in zip(
                trained.oracle.layouts, trained.predicted, trained.scores, seeds.T, strict=True
            )
        ),
        papers=(TREE_MTL,),
        provenance=provenance_of(study),
    )
