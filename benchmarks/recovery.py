"""Up to how much noise is a planted tree found again from per-sample losses?

    python benchmarks/recovery.py --picture assets/pictures/recovery.svg

Five tasks have a known tree over five depths. A target's loss on a source's features is lower the longer the two stay
together in that tree, plus noise on every sample. From such losses the affinities and the whole alpha-path follow as
from measured ones. Counted is how often the planted tree is one of the path, and how often it has the widest interval
of alpha (on a logarithmic scale) of those between the first and the last tree. Without noise it is not found: a
tournament sees only who wins, so a loss that is a little higher on every sample looks like one that is much higher.
"""

import argparse
import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from app.charts import svg
from core.affinity.distance import distances
from core.affinity.recombined import RecombinedLosses
from core.layouts import Layout
from core.selection.branched import alpha_path
from core.selection.branched_case import BranchedCase

PLANTED = Layout.parse("0,1,2,3,4 | 0,1,2,3,4 | 0,1,2;3,4 | 0,1;2;3,4 | 0,1;2;3;4")
TASKS = ("a", "b", "c", "d", "e")
NOISE = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
N_SAMPLES = 500
DRAWS = 40


def main() -> None:
    """Print the table, and draw it where a picture is requested."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, help="SVG file to write")
    arguments = parser.parse_args()
    print(f"planted: {PLANTED.to_text()}; {N_SAMPLES} samples, {DRAWS} draws per row")
    print(f"{'noise, times the difference of strangers':>42}{'on the path':>14}{'widest interval':>18}")
    rows = []
    for noise in NOISE:
        found = [recovered(noise, np.random.default_rng([seed, 7])) for seed in range(DRAWS)]
        share = tuple(float(np.mean([each[place] for each in found])) for place in (0, 1))
        rows.append((noise, *share))
        print(f"{noise:42g}{share[0]:14.0%}{share[1]:18.0%}")
    if arguments.picture:
        arguments.picture.write_text(drawing(rows), encoding="utf-8")
        print(f"wrote {arguments.picture}")


def losses_of(noise: float, rng: np.random.Generator) -> RecombinedLosses:
    """Return losses that follow the planted tree.

    Args:
        noise: Standard deviation on every sample, in times the difference that strangers make.
        rng: Random numbers.
    """
    n, depths = len(TASKS), PLANTED.n_blocks
    mean = np.zeros((1, depths, n, n, 1))
    for depth in range(depths):
        for target in range(n):
            for source in range(n):
                together = PLANTED.group_of(target, depth) == PLANTED.group_of(source, depth)
                mean[0, depth, target, source] = 0.0 if target == source else 0.05 if together else 1.0
    values = mean + noise * rng.standard_normal((1, depths, n, n, N_SAMPLES)) + 0.02 * rng.random((1, depths, n, n, 1))
    return RecombinedLosses(TASKS, (0,), values.astype(np.float32))


def recovered(noise: float, rng: np.random.Generator) -> tuple[bool, bool]:
    """Return whether the planted tree is on the path, and whether its interval is the widest."""
    case = BranchedCase(distances(losses_of(noise, rng).affinity()), (2.0, 2.0, 1.0, 0.0, 0.0))
    path = alpha_path(case)
    widths = {tree.layout: math.log(after / start) for (start, tree), (after, _) in pairwise(path[1:]) if start > 0}
    return PLANTED in widths, bool(widths) and max(widths, key=widths.__getitem__) == PLANTED


def drawing(rows: list[tuple[float, float, float]]) -> str:
    """Draw both shares over the noise."""
    left, top, width, height = 46.0, 16.0, 420.0, 190.0

    def x(place: int) -> float:
        return left + width * place / (len(rows) - 1)

    def y(share: float) -> float:
        return top + height * (1 - share)

    grid = "".join(
        f'<line x1="{left}" x2="{left + width}" y1="{y(s):.1f}" y2="{y(s):.1f}" stroke="#bbb" stroke-width=".5"/>'
        f'<text x="{left - 6}" y="{y(s) + 4:.1f}" text-anchor="end" fill="#777">{s:.0%}</text>'
        for s in (0.0, 0.5, 1.0)
    )
    ticks = "".join(
        f'<text x="{x(n):.1f}" y="{top + height + 18}" text-anchor="middle" fill="#777">{noise:g}</text>'
        for n, (noise, _, _) in enumerate(rows)
    )
    lines = "".join(
        f'<polyline fill="none" stroke="#0b6e5b" stroke-width="2" stroke-dasharray="{dash}" points="'
        + " ".join(f"{x(n):.1f},{y(row[column]):.1f}" for n, row in enumerate(rows))
        + '"/>'
        for column, dash in ((1, "none"), (2, "5 4"))
    )
    words = "".join(
        f'<text x="{left}" y="{top + height + below:.0f}" fill="#777">{line}</text>'
        for below, line in (
            (40.0, "noise on a sample, times what strangers differ by"),
            (60.0, "solid: the planted tree is on the α-path; dashed: it has the widest interval of α"),
        )
    )
    body = f'<g font-family="sans-serif" font-size="12">{grid}{ticks}{lines}{words}</g>'
    return svg.canvas(left + width + 24, top + height + 70, body, "How often a planted tree is found, over the noise")


if __name__ == "__main__":
    main()
