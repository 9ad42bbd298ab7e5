"""What a measurement of latency found of a study's networks, for the table of docs/results.md.

Run: python benchmarks/latencies.py [STUDY]. Prints Markdown. `branchwise run` measures what a study file requests below
[latency].
"""

import argparse

import numpy as np

from core.costs import CostQuestion, Unit, block_costs
from core.studies.bundled import load_bundled
from core.studies.latencies import OWN, Latencies
from core.studies.study import Study
from core.studies.study_plane import StudyPlane

ONE_TASK = CostQuestion.ONE_TASK


def main() -> None:
    """Print the table and how it was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", nargs="?", default="five", help="a bundled study")
    study = load_bundled(parser.parse_args().study)
    found = study.result(Latencies)
    if found is None:
        parser.error(f"Nothing of {study.name} was timed. Write [latency] in its study file and run it.")
    print("| network | MACs of one task | ms | quartiles of the blocks, added | share |\n|---|---|---|---|---|")
    own, macs = found.quartiles[OWN], block_costs(study.backbone, Unit.MACS)
    whole = own[:, 1].sum()
    for last in range(study.n_blocks):
        name = "single-task network" if last == study.n_blocks - 1 else f"exit after block {last + 1}"
        print(_row(name, macs[: last + 1].sum() / macs.sum(), own[: last + 1].sum(axis=0), whole))
    for (family, name), quartiles in found.quartiles.items():
        if family:
            print(_row(f"{family}: {name}", _macs(study, family, name), quartiles.sum(axis=0), whole))
    print(f"\n{found.words}")


def _row(name: str, macs: float, quartiles: np.ndarray, whole: float) -> str:
    low, middle, high = 1000 * quartiles
    return (
        f"| {name} | {100 * macs:.1f} % | {middle:.3f} | {low:.3f}, {high:.3f} | {100 * middle / 1000 / whole:.0f} % |"
    )


def _macs(study: Study, family: str, name: str) -> float:
    """Return the multiply-accumulates of one task of a network, as a share of a single-task network."""
    points = StudyPlane(study).points(ONE_TASK, Unit.MACS)[family]
    (cost, *_) = [point.cost(ONE_TASK, Unit.MACS) for point in points if point.label.endswith(name)]
    assert cost is not None
    return cost / study.backbone.macs


if __name__ == "__main__":
    main()
