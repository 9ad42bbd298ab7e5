"""Where the tour stops, and what it says there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the tour.

    Args:
        page: Name of the page's file.
        title: What is to be seen.
        words: What to try there.
        ring: CSS selector of what a ring is drawn around; empty for none.
    """

    page: str
    title: str
    words: str
    ring: str


STOPS = (
    Stop(
        "start",
        "A budget, and what it buys",
        "Every point is one way to share a network among tasks. Drag the line: left of it is what you can afford, and "
        "the tree shows the one that is recommended.",
        ".st-key-start_plane",
    ),
    Stop(
        "budget",
        "All that is known of a layout",
        "Press a point to select it, or a block of the tree to cut it. Below the figure: how sure all of this is.",
        ".st-key-budget_plane",
    ),
    Stop(
        "affinity",
        "Why tasks branch off",
        "Each square says how well one task does on the features of another. They become less alike with depth: go "
        "from block to block.",
        ".st-key-affinity_map",
    ),
    Stop(
        "branching",
        "One weight decides the tree",
        "The weight α says how much sharing is worth. Drag it, and see where tasks part and why.",
        ".st-key-alpha_tree",
    ),
    Stop(
        "train",
        "Measure what is not measured yet",
        "Choose what to train. It runs in the background, can be stopped at any time, and nothing that is finished is "
        "trained again.",
        "[data-testid=stMain] [data-testid=stVerticalBlock] [data-testid=stHorizontalBlock]",
    ),
    Stop(
        "learn",
        "Take it slowly",
        "Lessons of ten minutes begin with a guess and explain the ideas behind what you saw. Studies of your own "
        "begin on the page Studies, or on Start at “Your own data”.",
        "",
    ),
)
