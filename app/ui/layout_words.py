"""How layouts read on the screen: one plain sentence, in which blocks count from 1."""

from collections.abc import Sequence

from app.ui.formatting import listed, number_word
from core.layouts import Group, Layout


def group_words(group: Group, tasks: Sequence[str]) -> str:
    """Return the tasks of a group; long groups are counted."""
    return listed([tasks[task] for task in group]) if len(group) <= 4 else f"{len(group)} tasks"


def layout_sentence(layout: Layout, tasks: Sequence[str]) -> str:
    """Return a layout in one plain sentence.

    >>> layout_sentence(Layout.parse("0,1,2 | 0,1,2 | 0;1,2 | 0;1;2"), ["seg", "normals", "depth"])
    'All tasks share blocks 1–2; seg branches off after block 2; normals and depth split after block 3'
    >>> layout_sentence(Layout.parse("0,1,2,3 | 0,1;2,3"), ["class", "parity", "slant", "loop"])
    'All tasks share block 1; class and parity separate from slant and loop after block 1'
    >>> layout_sentence(Layout.parse("0,1;2,3;4 | 0,1;2,3;4"), ["class", "parity", "slant", "loop", "shape"])
    'Class with parity, slant with loop, and shape have a network each'
    """
    if layout == Layout.all_shared(layout.n_tasks, layout.n_blocks):
        return "Fully shared (hard parameter sharing): one backbone for all tasks"
    if layout == Layout.all_split(layout.n_tasks, layout.n_blocks):
        return "Single-task networks: nothing shared"
    shared = sum(len(partition) == 1 for partition in layout.partitions)
    parts = [f"All tasks share block{'s 1–' + str(shared) if shared > 1 else ' 1'}"] if shared else []
    for block in range(layout.n_blocks):
        above = layout.partitions[block - 1] if block else (tuple(range(layout.n_tasks)),)
        for group in above:
            halves = [part for part in layout.partitions[block] if set(part) <= set(group)]
            if len(halves) > 1:
                parts.append(_split_words(halves, group, block, tasks))
    if len(parts) > 4:
        parts = [*parts[:3], f"{len(parts) - 3} more splits after these"]
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def _split_words(halves: list[Group], group: Group, block: int, tasks: Sequence[str]) -> str:
    singles = [half for half in halves if len(half) == 1]
    if not block:
        return _networks_words(halves, singles, tasks)
    where = f"after block {block}"
    if len(halves) == len(singles):
        return f"{group_words(group, tasks)} split {where}"
    if len(halves) - len(singles) == 1 and len(singles) <= 3:
        leaving = listed([tasks[half[0]] for half in singles])
        return f"{leaving} branch{'es' if len(singles) == 1 else ''} off {where}"
    if len(halves) == 2:
        return f"{group_words(halves[0], tasks)} separate from {group_words(halves[1], tasks)} {where}"
    return f"{_groups_words(halves, tasks)} form {number_word(len(halves))} branches {where}"


def _networks_words(groups: Sequence[Group], singles: Sequence[Group], tasks: Sequence[str]) -> str:
    """Return what the groups of the first block are called: they share nothing, so each is a network."""
    if len(groups) - len(singles) == 1 and len(singles) <= 3:
        own = listed([tasks[group[0]] for group in singles])
        return f"{own} {'has its own network' if len(singles) == 1 else 'have a network each'}"
    if len(groups) == 2:
        return f"{group_words(groups[0], tasks)} share one network, {group_words(groups[1], tasks)} another"
    return f"{_groups_words(groups, tasks)} have a network each"


def _groups_words(groups: Sequence[Group], tasks: Sequence[str]) -> str:
    """Return three groups or more as a list, in which the tasks of one stand together."""
    names = []
    for group in groups:
        first, *others = (tasks[task] for task in group) if len(group) <= 4 else (group_words(group, tasks),)
        names.append(f"{first} with {listed(others)}" if others else first)
    return f"{', '.join(names[:-1])}, and {names[-1]}"
