"""Cutting trees by hand until all layouts of a few tasks and blocks are found; nothing is asked of the server."""

from collections.abc import Sequence

from app.ui.formatting import count, plural
from core.layouts.counting import count_layouts

WORDS = {
    "size": "How many tasks and blocks",
    "hint": "Press a block that several tasks share. From this block on they go separate ways.",
    "undo": "Undo",
    "again": "Share everything again",
    "tree": "The tree to cut: each block that several tasks share is a button",
    "who": "Who branches off at block {}?",
    "count": "{} of {} trees found",
    "isNew": "A new tree.",
    "known": "This tree was there before. Order of cuts does not matter.",
    "all": "All trees are found.",
}
_LETTERS = "ABCDE"


def cut_game_data(sizes: Sequence[tuple[int, int]]) -> dict[str, object]:
    """Return what the browser gets.

    Args:
        sizes: Numbers of tasks and of blocks to choose from; few enough trees to find by hand.
    """
    games = [
        {
            "name": f"{plural(n_tasks, 'task')}, {plural(n_blocks, 'block')}",
            "tasks": [f"task {letter}" for letter in _LETTERS[:n_tasks]],
            "blocks": n_blocks,
            "count": count_layouts(n_tasks, n_blocks),
            "written": count(count_layouts(n_tasks, n_blocks)),
        }
        for n_tasks, n_blocks in sizes
    ]
    return {"games": games, "words": WORDS}
