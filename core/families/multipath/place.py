"""Where tasks leave a multi-path network."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One head: a task at an exit.

    Args:
        task: Number of the task.
        exit: Number of the exit, from the input.
    """

    task: int
    exit: int


def spread(n_tasks: int, n_exits: int) -> tuple[int, ...]:
    """Return an exit for each task, in order from the first to the last exit, the last task at the last one.

    As many tasks as exits take one each, as in the paper.

    >>> spread(5, 5), spread(3, 5), spread(5, 3)
    ((0, 1, 2, 3, 4), (1, 2, 4), (0, 0, 1, 1, 2))
    """
    return tuple(max(int((task + 1) * n_exits / n_tasks + 0.5) - 1, 0) for task in range(n_tasks))


def all_places(n_tasks: int, n_exits: int) -> tuple[Place, ...]:
    """Return a place for every task at every exit, task by task."""
    return tuple(Place(task, exit_) for task in range(n_tasks) for exit_ in range(n_exits))
