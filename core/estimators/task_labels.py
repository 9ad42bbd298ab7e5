"""The tasks of a table file: numbers from 0 or 1, or names in the order their pairs imply."""

import re
from collections.abc import Iterable, Sequence

from core.errors import TableError
from core.estimators.sheet import shown
from core.tasks import MAX_TASKS, check_task_names

Pair = tuple[str, str]
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")
# What people write between the two tasks of a pair; a name may hold the last two.
_BETWEEN = ",;|+&"


def are_indices(labels: Iterable[str]) -> bool:
    """Return whether every label is a task index written without leading zeros."""
    return all(_INDEX.fullmatch(label) for label in labels)


def pair_of(text: str) -> Pair | None:
    """Return the two tasks of a pair written in one piece, or None where it is no pair.

    >>> pair_of("(0, 1)"), pair_of("depth + normals"), pair_of("a|b+c"), pair_of("('a', 'b')"), pair_of("a+b+c")
    (('0', '1'), ('depth', 'normals'), ('a', 'b+c'), ('a', 'b'), None)
    """
    inner = text.strip()
    if inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1]
    mark = next((mark for mark in _BETWEEN if mark in inner), "")
    first, _, second = (part.strip() for part in inner.partition(mark)) if mark else ("", "", "")
    return (_unquoted(first), _unquoted(second)) if first and second and mark not in second else None


def _unquoted(label: str) -> str:
    """Return a label without the quotation marks that Python writes around the names of a tuple."""
    return label[1:-1] if len(label) > 2 and label[0] == label[-1] and label[0] in "'\"" else label


def named_tasks(labels: Sequence[str], name: str) -> tuple[tuple[str, ...], str]:
    """Return what the tasks of a file are called from now on, and what has to be said of it, or nothing.

    A number is the index of a task, from 0, wherever else one is written. Tasks that a file counts from 1 therefore
    become names.

    >>> named_tasks(["1", "2"], "t.csv")[0], named_tasks(["0", "1"], "t.csv")[0]
    (('task 1', 'task 2'), ('0', '1'))
    """
    if not are_indices(labels) or labels[0] != "1":
        return tuple(labels), ""
    return tuple(f"task {label}" for label in labels), (
        f"{name} numbers its tasks 1 to {len(labels)} and has no task 0, so they were counted from 1: number k is "
        f'called "task k", and has the index k − 1 in layouts. If a task 0 was left out, give the tasks names.'
    )


def tasks_of_pairs(pairs: Sequence[Pair], name: str) -> tuple[str, ...] | None:
    """Return the tasks that pairs of labels speak of, in index order.

    Labels that are all numbers give ``"0"``, ``"1"``, … up to the largest, or from ``"1"`` where there are just
    these. Names are
    ordered so that the first of every pair comes before the second, which does not depend on
    the order of the pairs where all are there; else by first appearance.

    Args:
        pairs: Labels of two tasks each.
        name: What the file is called, for messages.

    Returns:
        The tasks, or None where the names go in a circle.

    Raises:
        TableError: A number is beyond the largest number of tasks, numbers start neither at 0 nor at 1 or have gaps,
            or names differ only in capitals or spaces.
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
        labels = [str(index) for index in range(_first_number(labels, name), n_tasks)]
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


def _first_number(labels: Sequence[str], name: str) -> int:
    """Return 0 or 1: where the numbers of tasks start. Without a 0 they may start at 1 or lack tasks."""
    numbers = sorted(map(int, labels))
    if numbers[0] == 0:
        return 0
    if numbers != list(range(1, len(numbers) + 1)):
        found = ", ".join(map(str, numbers[:8])) + (" …" if len(numbers) > 8 else "")
        raise TableError(
            f"{name} numbers its tasks {found}: neither from 0 nor from 1 without gaps, so which tasks are meant "
            "stays open. Number them from 0, or give them names."
        )
    return 1


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
