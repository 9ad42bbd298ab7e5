"""How long each level of a deep virtual network takes on this machine: the table of docs/results.md."""

from typing import Final

from app.command.virtual_levels import levels_of
from core.backbones.division import Division
from core.training.environment import machine

# What is timed: network, width, units, common share, side of the pictures.
NETWORKS: Final = (
    ("small-residual", 8, 4, 0.0, 28),
    ("small-residual", 64, 4, 0.0, 28),
    ("wrn32", 8, 3, 0.25, 32),
)
# Pictures at once, and how often each level is run.
BATCHES: Final = ((1, 30), (64, 5))


def main() -> None:
    """Print the table."""
    print("| network | pictures at once | level 1 | level 2 | level 3 | level 4 |\n|---|---|---|---|---|---|")
    for name, width, units, base, size in NETWORKS:
        levels = levels_of(name, width, Division(units, base), size)
        for batch, repeats in BATCHES:
            seconds = levels.timed(batch=batch, repeats=repeats, n_threads=1).seconds
            cells = [f"{1000 * each:.2f} ms" for each in seconds] + ["–"] * (4 - units)
            common = f", common share {base:g}" if base else ""
            print(f"| {name}, width {width}, {units} units{common} | {batch} | {' | '.join(cells)} |", flush=True)
    print(f"\nMedians, one thread, pictures of 28×28 (wrn32: 32×32), without heads, on {machine()}.")


if __name__ == "__main__":
    main()
