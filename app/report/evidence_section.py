"""How predictions agree with trained layouts, and every trained layout."""

import numpy as np

from app.overview.model import interval_words
from app.plane.basis import judged_basis, measured_basis
from app.plane.judged import cheap_sentence, estimate_words, regret_sentence, regret_words, way_name
from app.plane.scene import Scene
from app.report.model import Paragraph, Part, Section, Table, paragraphs
from app.report.subject import Subject
from app.ui.formatting import ONE_SEED, cost_share, percent, plural
from app.ui.layout_words import layout_sentence
from core.estimators.agreement import Correlation
from core.families.layouts.trained import TrainedView

_MOST_ROWS = 60


def evidence_section(subject: Subject, scene: Scene) -> list[Section]:
    """Return how well predictions were, where layouts were trained; nothing where none was."""
    trained = scene.trained
    if trained is None:
        return []
    parts: list[Part] = []
    if subject.study.table.is_measured and trained.agreement.n > 1:
        parts += _agreement(subject, trained)
    parts.append(_layouts(scene, trained))
    return [Section("measured", "Measured layouts", tuple(parts))]


def _agreement(subject: Subject, trained: TrainedView) -> list[Part]:
    found, ways = trained.agreement, subject.baselines
    correlations = {
        "Spearman": found.spearman,
        "Spearman within cost strata": found.strata,
        "Pearson": found.pearson,
        "Kendall": found.kendall,
        "Split-half reliability of measured gains": found.split_half,
        "Noise ceiling, approximately": found.ceiling,
    }
    ranked = [
        (
            f"{(name := way_name(way))[0].upper()}{name[1:]}",
            "–" if way.spearman is None else estimate_words(way.spearman.weighted),
            "–" if way.strata is None else estimate_words(way.strata.weighted),
            "–" if way.regret is None else regret_words(way.regret),
            str(len(way.places)),
        )
        for way in ways
    ]
    return [
        Paragraph(
            f"{plural(found.n, 'layout')} trained with {plural(found.n_seeds, 'seed')} that the table never saw tell "
            f"how accurate predictions are. {judged_basis(trained)}"
        ),
        Table(
            "Correlation of predicted and measured gain. Square brackets: 90 % bootstrap intervals over layouts and, "
            "but for reliability, seeds; the noise of the table is not in them",
            ("", "weighted", "plain mean"),
            tuple(_correlation(name, pair) for name, pair in correlations.items() if pair is not None),
        ),
        *paragraphs([regret_sentence(found), cheap_sentence(found, ways)]),
        Table(
            "Other ways to rank the same layouts: Spearman correlation with the measured gain, and regret in points",
            ("way", "Spearman", "within cost strata", "regret, points", "layouts"),
            tuple(ranked),
        ),
    ]


def _correlation(name: str, pair: Correlation) -> tuple[str, ...]:
    return name, estimate_words(pair.weighted), estimate_words(pair.mean)


def _layouts(scene: Scene, trained: TrainedView) -> Table:
    """Return the trained layouts, the best on the validation split first, which nobody chose by the test split."""
    view = scene.view
    validation = trained.oracle.validation.mean(axis=0) @ view.weights.values
    order = np.argsort(-validation, kind="stable").tolist()
    rows = []
    for place in order[:_MOST_ROWS]:
        layout = trained.oracle.layouts[place]
        real = trained.figures(layout)
        assert real is not None
        rows.append(
            (
                layout_sentence(layout, view.tasks),
                percent(float(validation[place])),
                percent(real.score),
                interval_words(real, ONE_SEED),
                percent(float(trained.predicted[place])) if view.study.table.is_measured else "–",
                cost_share(view.fraction(view.cost(layout))),
            )
        )
    which = f"the first {len(rows)} of {len(order)} trained layouts" if len(rows) < len(order) else "trained layouts"
    return Table(
        f"Measured gain Δ of {which}, ordered by the validation split: {measured_basis(trained)}; predicted from the "
        "table alone",
        ("layout", "validation", "measured Δ, test", "90 % interval", "predicted Δ", "cost"),
        tuple(rows),
        frozenset({0}),
    )
