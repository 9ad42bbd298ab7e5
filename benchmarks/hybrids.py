"""Hybrids to train: those of a study's predicted Pareto fronts that promise most, as lines of TOML; and trained ones.

Run: python benchmarks/hybrids.py [STUDY] [--n N] [--measured]. STUDY is bundled, with a two-task table and a multi-path
matrix. With --measured: the trained hybrids of the study, predicted (validation) beside measured (test).

On the fronts of all hybrids for stored parameters, and for the multiply-accumulates of all tasks and of one, layouts
and nested paths included: those that no other family has, in which a task leaves early and not all share every block
that they run. Of these the ones with the highest predicted gain.
"""

import argparse

import numpy as np
from scipy.stats import spearmanr

from core.costs import CostQuestion, Unit
from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.points import hybrid_points, predicted_front, predicted_gains
from core.plane.point import GainOrigin
from core.studies.bundled import load_bundled
from core.studies.study import Study

ASKED = (
    (CostQuestion.STORED, Unit.PARAMETERS),
    (CostQuestion.ALL_TASKS, Unit.MACS),
    (CostQuestion.ONE_TASK, Unit.MACS),
)


def main() -> None:
    """Print the hybrids with their share of the parameters of single-task networks and their predicted gain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", default="five")
    parser.add_argument("--n", type=int, default=12)
    parser.add_argument("--measured", action="store_true")
    asked = parser.parse_args()
    study = load_bundled(asked.study)
    if asked.measured:
        print_measured(study)
        return
    whole = study.n_tasks * study.backbone.params
    for hybrid, score in promising(study, asked.n):
        stored = hybrid.allocation(study.backbone, study.task_names).cost(*ASKED[0])
        assert stored is not None
        print(f'    "{hybrid.to_text()}",  # {100 * stored / whole:.0f} % of the parameters, predicted {score:+.1f} %')


def print_measured(study: Study) -> None:
    """Print the trained hybrids as a table, and how their gains agree with what was predicted of them."""
    points = [point for point in hybrid_points(study, *ASKED[0]) if point.origin is GainOrigin.MEASURED]
    predicted = [float(predicted_gains(study, Hybrid.parse(point.label, study.task_names)).mean()) for point in points]
    whole = study.n_tasks * study.backbone.params
    print("| layout @ last block of each task | parameters | predicted Δ | measured Δ | 90 % interval |")
    print("|---|---|---|---|---|")
    for point, expected in sorted(zip(points, predicted, strict=True), key=lambda each: -each[1]):
        cost, (low, high) = point.cost(*ASKED[0]) or 0.0, point.interval or (np.nan, np.nan)
        name = Hybrid.parse(point.label, study.task_names).to_text().replace("|", "\\|")
        print(
            f"| {name} | {100 * cost / whole:.0f} % | {expected:+.1f} % | {point.gain:+.1f} % "
            f"| {low:+.1f} to {high:+.1f} % |"
        )
    ranks = spearmanr(predicted, [point.gain for point in points]).statistic
    print(f"\nSpearman correlation of predicted and measured, {len(points)} hybrids: {ranks:.2f}")


def promising(study: Study, n: int) -> list[tuple[Hybrid, float]]:
    """Return the n hybrids of the predicted fronts with the highest predicted gain, and that gain."""
    found = {
        choice.hybrid: choice.score
        for question, unit in ASKED
        for choice in predicted_front(study, question, unit)
        if choice.hybrid.is_proper
    }
    return sorted(found.items(), key=lambda each: -each[1])[:n]


if __name__ == "__main__":
    main()
