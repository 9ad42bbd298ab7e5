"""The tasks of a table file: all indices from 0, or names in the order their pairs imply."""

import re
from collections.abc import Iterable, Sequence

from core.errors import TableError
from core.estimators.sheet import shown
from core.tasks import MAX_TASKS, check_task_names

Pair = tuple[str, str]
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")


def are_indices(labels: Iterable[str]) -> bool:
    """Return whether every label is a task index written without leading zeros."""
    return all(_INDEX.fullmatch(label) for label in labels)


def tasks_of_pairs(pairs: Sequence[Pair], name: str) -> tuple[str, ...] | None:
    """Return the tasks that pairs of labels speak of, in index order.

    Labels that are all indices give the names ``"0"``, ``"1"``, … up to the largest. Names are
    ordered so that the first of every pair comes before the second, which does not depend on
    the order of the pairs where all are there; else by first appearance.

    Args:
        pairs: Labels of two tasks each.
        name: What the file is called, for messages.

    Returns:
        The tasks, or None where the names go in a circle.

    Raises:
        TableError: An index is beyond the largest number of tasks, or names differ only in capitals or spaces.
        DataError: Names are unusable, or there are fewer than 2 or more than 40.

    >>> tasks_of_pairs([("normals", "depth"), ("semantic", "depth"), ("semantic", "normals")], "t.csv")
    ('semantic', 'normals', 'depth')
    """
    labels = list(dict.fromkeys(label for pair in pairs for label in pair))
    if labels and are_indices(labels):
        n_tasks = max(map(int, labels)) + 1
        if n_tasks > MAX_TASKS:
            raise TableError(
                f"{name} names task {n_tasks - 1}, so it has at least {n_tasks} tasks. "
                f"Branchwise compares 2 to {MAX_TASKS} tasks, numbered from 0 without gaps."
            )
        labels = [str(index) for index in range(n_tasks)]
        check_task_names(labels)
        return tuple(labels)
    check_task_names(labels)
    _check_distinct(labels, name)
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(labels)
    graph.add_edges_from(pairs)
    if not nx.is_directed_acyclic_graph(graph):
        return None
    return tuple(nx.lexicographical_topological_sort(graph, key=labels.index))


def _alike(tasks: Sequence[str]) -> Pair | None:
    """Return two names that differ only in capitals or spaces, if there are two."""
    seen: dict[str, str] = {}
    for task in tasks:
        twin = seen.setdefault("".join(task.casefold().split()), task)
        if twin != task:
            return twin, task
    return None


def _check_distinct(tasks: Sequence[str], name: str) -> None:
    twins = _alike(tasks)
    if twins is not None:
        raise TableError(
            f'{name} has the tasks "{shown(twins[0])}" and "{shown(twins[1])}", which differ only in capitals or '
            "spaces. Write a task the same everywhere, and give two tasks two names."
        )


def check_writable(tasks: Sequence[str]) -> None:
    """Check that the names are not read as indices of other tasks, else raise TableError.

    Names that differ only in capitals or spaces are written as they are: a stored study may have them. A file is
    refused when it is read, where somebody can still say what was meant.
    """
    if are_indices(tasks) and list(tasks) != [str(index) for index in range(len(tasks))]:
        raise TableError(
            f"The task names {', '.join(tasks)} would be read as indices. Name the tasks by words, or 0, 1, … in order."
        )
