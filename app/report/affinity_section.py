"""How alike tasks are at every depth, as heat maps."""

import numpy as np

from app.affinity.model import SURE, AffinityView, is_quick, is_uncertain, sureness
from app.charts.heat_maps_picture import HeatMap, heat_maps_picture
from app.report.model import Figure, Paragraph, Section, paragraphs
from app.report.subject import Subject
from app.ui.formatting import plural
from core.affinity.evidence import evidence_of_losses

# Numbers of more tasks can't be read on paper; the file of the Affinity page has them.
MOST_TASKS = 12
_MOST_MAPS = 16
_SEED = 0


def affinity_section(subject: Subject) -> list[Section]:
    """Return the affinities of recombined networks; nothing where none is trained, or tasks are many."""
    losses = subject.losses
    if losses is None or len(losses.tasks) > MOST_TASKS:
        return []
    view = AffinityView(evidence := evidence_of_losses(losses), evidence.normalised())
    known = view.normalised[~np.isnan(view.normalised)]
    if not known.size:
        return []
    maps = [HeatMap(f"after block {depth + 1}", table) for depth, table in enumerate(view.normalised[:_MOST_MAPS])]
    left = len(view.normalised) - len(maps)
    picture = heat_maps_picture(
        maps, view.tasks, digits=2, is_diverging=False, label=_spoken(view), most=max(1.0, float(known.max()))
    )
    seeds = plural(len(losses.seeds), "seed")
    more = f"; the last {plural(left, 'depth')} left out" if left else ""
    caption = (
        f"Affinity after each block, in proportion to that of a task with itself: 0 none, 1 as good as own features; "
        f"validation split, {seeds}{more}."
    )
    return [
        Section(
            "affinity",
            "Affinity of tasks",
            (
                Paragraph(
                    "How well a task does on another task's features: the first blocks of one network, frozen, under "
                    "the remaining blocks of the other, which are trained."
                ),
                Figure(picture, caption),
                *paragraphs([_certainty(view)], quiet=True),
            ),
        )
    ]


def _certainty(view: AffinityView) -> str:
    """Return how many ranks of pairs are uncertain, where that is known at once."""
    losses = view.evidence.losses
    if losses is None or not is_quick(losses):
        return ""
    marked = is_uncertain(view, sureness(view, np.random.default_rng(_SEED)))
    first, second = np.triu_indices(len(view.tasks), 1)
    n_uncertain, n_pairs = int(marked[:, first, second].sum()), marked[:, first, second].size
    return (
        f"{n_uncertain} of {plural(n_pairs, 'pair')} of tasks, counted at every depth, "
        f"{'has' if n_uncertain == 1 else 'have'} an uncertain rank: fewer than {round(100 * SURE)} % of resamples of "
        "pictures and seeds keep it."
    )


def _spoken(view: AffinityView) -> str:
    said = []
    for depth in range(view.evidence.n_depths):
        one, other = view.closest(depth)
        said.append(f"after block {depth + 1} {view.tasks[one]} and {view.tasks[other]}")
    return "Affinity of tasks; the closest pair: " + ", ".join(said)
