"""Print how long the searches take, beside their targets.

Run from the repository: ``python benchmarks/search.py --repeats 7``.
"""

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from core.layouts import enumerate_layouts
from core.selection import (
    PairwiseScore,
    best_layouts,
    exact_front,
    forced_scores,
    large_front,
    layout_scores,
    search_large,
    warm_up,
)
from core.selection.block_score import BlockScore

Case = tuple[str, str, Callable[[PairwiseScore, np.ndarray], object], int, int]

CASES: list[Case] = [
    ("enumerate and score", "< 30 ms", lambda s, _: _complete(s), 5, 5),
    ("enumerate and score (2.2 M layouts)", "< 500 ms", lambda s, _: _complete(s), 7, 5),
    ("exact top-5 under 40 %", "< 20 ms", lambda s, c: best_layouts(s, c, budget="40%"), 10, 16),
    ("exact top-5 under 40 %", "< 150 ms", lambda s, c: best_layouts(s, c, budget="40%"), 12, 16),
    ("exact top-5 under 20 %", "", lambda s, c: best_layouts(s, c, budget="20%"), 12, 16),
    ("complete exact front", "< 500 ms", exact_front, 10, 16),
    ("complete exact front", "< 250 ms", exact_front, 12, 8),
    ("complete exact front", "< 3 s", exact_front, 10, 50),
    ("complete exact front", "< 5 s", exact_front, 14, 8),
    ("complete exact front, blockwise", "", lambda s, c: exact_front(blockwise(s), c), 10, 16),
    ("regret map", "", forced_scores, 5, 5),
    ("heuristic top-5 under 40 %, with bound", "< 2 s", lambda s, c: search_large(s, c, budget="40%"), 40, 5),
    ("heuristic front", "< 2 s", large_front, 40, 5),
]


def main() -> None:
    """Time every case on fresh random instances and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="instances per row")
    repeats = parser.parse_args().repeats
    started = time.perf_counter()
    warm_up()
    print(f"warm-up (compile, or load from the cache): {time.perf_counter() - started:.1f} s\n")
    print(f"{'what':40} {'T':>3} {'B':>3} {'target':>9} {'median ms':>10} {'min':>8} {'max':>8} {'cpu ms':>8}")
    for what, target, run, n_tasks, n_blocks in CASES:
        runs = [_milliseconds(run, *smooth(n_tasks, n_blocks, seed)) for seed in range(repeats)]
        wall, busy = [r[0] for r in runs], [r[1] for r in runs]
        print(
            f"{what:40} {n_tasks:3} {n_blocks:3} {target:>9} {statistics.median(wall):10.1f} "
            f"{min(wall):8.1f} {max(wall):8.1f} {statistics.median(busy):8.1f}"
        )
    score, _ = smooth(7, 5, 0)
    tracemalloc.start()
    _complete(score)
    print(f"\nmemory of T=7, B=5 at its peak (target < 250 MB): {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB")


def smooth(n_tasks: int, n_blocks: int, seed: int) -> tuple[PairwiseScore, np.ndarray]:
    """Return scores that rise with sharing and fall late, as trained tables do, and block costs."""
    rng = np.random.default_rng(seed)
    depth = np.linspace(0, 1, n_blocks + 1)
    help_, harm = rng.normal(1, 1, (n_tasks, n_tasks, 1)), rng.uniform(0, 6, (n_tasks, n_tasks, 1))
    values = 4 * help_ * np.sqrt(depth) - harm * depth**3 + rng.normal(0, 0.1, (n_tasks, n_tasks, n_blocks + 1))
    values[:, :, 0] = 0.0
    return PairwiseScore.of(values, rng.random(n_tasks)), rng.random(n_blocks)


def blockwise(score: PairwiseScore) -> BlockScore:
    """Return the blockwise score of the same pairs, whose bounds are harder to prove."""
    return BlockScore(np.diff(score.pairs, axis=2) * (score.n_tasks - 1))


def _complete(score: PairwiseScore) -> np.ndarray:
    return layout_scores(enumerate_layouts(score.n_tasks, score.n_blocks), score)


def _milliseconds(
    run: Callable[[PairwiseScore, np.ndarray], object], score: PairwiseScore, costs: np.ndarray
) -> tuple[float, float]:
    """Return wall-clock and processor time; they differ where the machine has other work."""
    wall, busy = time.perf_counter(), time.process_time()
    run(score, costs)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - busy)


if __name__ == "__main__":
    main()
