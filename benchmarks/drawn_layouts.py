"""Layouts of four tasks and four blocks drawn evenly over their cost: the oracle of assets/studies/mnist5k4.toml.

Run: python benchmarks/drawn_layouts.py [STUDY.toml] [--each N] [--strata N] [--seed N]. Prints them as lines of TOML.

All layouts are sorted by the parameters of their blocks and cut into strata of nearly equal number; as many are drawn
from each, without repetition. The cheapest and the most expensive layout, which share everything and nothing, are
drawn in any case.
"""

import argparse
from pathlib import Path

import numpy as np

from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.studies.specification import read_study
from core.training.prepare_study import profile


def main() -> None:
    """Print the layouts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", type=Path, default=Path("assets/studies/mnist5k4.toml"))
    parser.add_argument("--strata", type=int, default=21)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    study = read_study(asked.study)
    size: int = getattr(study.dataset, "size", 32)
    params = [block.params for block in profile(study.backbone, (size, size)).blocks]
    found = drawn(len(study.tasks), params, asked.strata, asked.each, np.random.default_rng(asked.seed))
    print("\n".join(f'    "{layout.to_text()}",' for layout in found))


def drawn(n_tasks: int, params: list[int], strata: int, each: int, rng: np.random.Generator) -> list[Layout]:
    """Return the layouts by rising cost; ties stand in a random order before they are cut into strata."""
    layouts = list(enumerate_layouts(n_tasks, len(params)))
    cost = np.array(
        [sum(len(groups) * n for groups, n in zip(each.partitions, params, strict=True)) for each in layouts]
    )
    order = rng.permutation(len(layouts))
    order = order[np.argsort(cost[order], kind="stable")]
    chosen = {int(order[0]), int(order[-1])}
    for stratum in np.array_split(order, strata):
        free = [int(place) for place in stratum if int(place) not in chosen]
        missing = each - len(stratum) + len(free)
        chosen |= {int(place) for place in rng.choice(free, missing, replace=False)}
    return [layouts[place] for place in sorted(chosen, key=lambda place: (cost[place], place))]


if __name__ == "__main__":
    main()
