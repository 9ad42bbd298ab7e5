"""Print how long the exact branched trees take, beside their targets.

Run from the repository: ``python benchmarks/branched.py --repeats 5``.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from core.selection.branched import BranchedCase, ExactSearch, alpha_path, best_tree

TARGETS = {10: "< 100 ms", 11: "< 500 ms"}
# Few branches, many, and between; the cost of a random case moves from all split to all shared within these.
ALPHAS = (0.003, 0.01, 0.03, 0.1)
DEPTHS = 4


def main() -> None:
    """Time every size on fresh random instances and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="instances per row")
    repeats = parser.parse_args().repeats
    begun = os.getloadavg()[0]
    print(f"compile, or load from the cache: {_timed(lambda: best_tree(instance(3, 2, 0), 0.1)):.0f} ms")
    print(f"along merges, the same: {_timed(lambda: ExactSearch(instance(3, 2, 0), most_steps=0).best(0.1)):.0f} ms\n")
    print(f"{'what':34} {'T':>3} {'L':>3} {'target':>9} {'median ms':>10} {'min':>8} {'max':>8}")
    for n_tasks in (8, 9, 10, 11):
        once = _timed(partial(best_tree, instance(n_tasks, DEPTHS, 0), 0.1))
        _row("first tree of that many tasks", n_tasks, "", [once])
        for alpha in ALPHAS:
            _row(
                f"exact tree, α = {alpha:g}",
                n_tasks,
                TARGETS.get(n_tasks, ""),
                [_timed(partial(best_tree, instance(n_tasks, DEPTHS, seed), alpha)) for seed in range(repeats)],
            )
        searches = [ExactSearch(instance(n_tasks, DEPTHS, seed)) for seed in range(repeats)]
        _row("exact tree, another α of one case", n_tasks, "", [_timed(partial(s.best, 0.02)) for s in searches])
        paths = [instance(n_tasks, DEPTHS, seed) for seed in range(min(repeats, 3))]
        _row("whole α-path", n_tasks, "", [_timed(partial(alpha_path, case)) for case in paths])
    print(f"\nLoad at the beginning {begun:.1f}, at the end {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores.")


def instance(n_tasks: int, n_depths: int, seed: int) -> BranchedCase:
    """Return random distances that grow with depth, as measured ones do; one downsampling between any two depths."""
    rng = np.random.default_rng(seed)
    far = rng.random((n_depths, n_tasks, n_tasks))
    far = (far + far.transpose(0, 2, 1)) / 2 * np.linspace(0.3, 1.0, n_depths)[:, None, None]
    far[:, range(n_tasks), range(n_tasks)] = 0.0
    return BranchedCase(far, tuple(range(n_depths - 1, -1, -1)))


def _row(what: str, n_tasks: int, target: str, milliseconds: list[float]) -> None:
    print(
        f"{what:34} {n_tasks:3} {DEPTHS:3} {target:>9} {statistics.median(milliseconds):10.1f} "
        f"{min(milliseconds):8.1f} {max(milliseconds):8.1f}",
        flush=True,
    )


def _timed(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
