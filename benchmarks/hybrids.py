"""Hybrids to train: those of a study's predicted Pareto fronts that promise most, as lines of TOML.

Run: python benchmarks/hybrids.py [STUDY] [--n N]. STUDY is bundled, with a two-task table and a multi-path matrix.

On the fronts of all hybrids for stored parameters, and for the multiply-accumulates of all tasks and of one, layouts
and nested paths included: those that no other family has, in which a task leaves early and not all share every block
that they run. Of these the ones with the highest predicted gain.
"""

import argparse

from core.costs import CostQuestion, Unit
from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.points import predicted_front
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
    asked = parser.parse_args()
    study = load_bundled(asked.study)
    whole = study.n_tasks * study.backbone.params
    for hybrid, score in promising(study, asked.n):
        stored = hybrid.allocation(study.backbone, study.task_names).cost(*ASKED[0])
        assert stored is not None
        print(f'    "{hybrid.to_text()}",  # {100 * stored / whole:.0f} % of the parameters, predicted {score:+.1f} %')


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
