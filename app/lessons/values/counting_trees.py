"""Numbers of the lesson on counting trees: exact counts, and what training every tree would take."""

from math import comb

from app.lessons.bundled import study
from app.ui.formatting import count, exact_count, power_of_ten
from core.layouts.counting import count_layouts

# What the definition of TreeMTL, §3.2, allows as it is printed.
SIZES = ((3, 5), (5, 5), (10, 5))
HOURS_PER_YEAR = 24 * 365.25


def values() -> dict[str, str]:
    """Return placeholder → words."""
    small, middle, large = (count_layouts(*size) for size in SIZES)
    n_tasks, n_blocks = SIZES[0]
    seconds = seconds_per_training()
    return {
        "small": exact_count(small),
        "middle": exact_count(middle),
        "large": exact_count(large),
        "pairs_and_blocks": exact_count(comb(n_tasks, 2) * n_blocks),
        "power": exact_count(n_tasks**n_blocks),
        "loose": exact_count(bell(n_tasks) ** n_blocks),
        "partitions": count(bell(n_tasks)),
        "loose_large": power_of_ten(bell(SIZES[2][0]) ** n_blocks),
        "two_blocks": count(count_layouts(n_tasks, 2)),
        "one_block": count(count_layouts(n_tasks, 1)),
        "two_tasks": count(count_layouts(2, n_blocks)),
        "seconds": f"{seconds:.1f}",
        "small_hours": f"{small * seconds / 60:.0f}",
        "middle_days": f"{middle * seconds / 86400:.1f}",
        "large_years": exact_count(round(large * seconds / 3600 / HOURS_PER_YEAR)),
        "sums": exact_count(transitions(SIZES[2][0]) * n_blocks),
        "sums_per_block": exact_count(transitions(SIZES[2][0])),
        "groups": exact_count(2 ** SIZES[2][0] - 1),
        "bound_small": exact_count(bound(*SIZES[0])),
        "bound_large": power_of_ten(bound(*SIZES[2])),
        "pairs_printed": exact_count(comb(5, 2) * (n_blocks + 1)),
        "pairs_needed": exact_count(comb(5, 2) * n_blocks + 5),
    }


def bell(n_tasks: int) -> int:
    """Return in how many ways tasks can be divided into groups: the trees of one block."""
    return count_layouts(n_tasks, 1)


def transitions(n_tasks: int) -> int:
    """Return how many choices the exact search compares on a block: a set of tasks, and the group of its last task."""
    return (int(3**n_tasks) - 1) // 2


def bound(n_tasks: int, n_blocks: int) -> int:
    """Return the number inside the bound that TreeMTL, §3.1, states for the number of layouts."""
    return int(((2 ** (n_tasks - 1) - 1) * n_blocks) ** (n_tasks - 1))


def seconds_per_training() -> float:
    """Return how long one training of the bundled study ``scenes`` took, in seconds."""
    made = study("scenes").provenance
    return made.seconds / made.n_done
