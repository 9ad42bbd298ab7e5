"""What the slides of the paper print, kept apart from everything measured here: show it as published figures.

Their tables are pictures that our text of the slides lacks; this is what the text says.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PublishedLevel:
    """One level of the network of scenario J3, for one picture of its third data set.

    Args:
        params: Parameters, millions.
        milliseconds: For a single picture.
        density: Share of the weights between channels, which follows from its widths.
    """

    params: float
    milliseconds: float
    density: float


J3_TASKS: Final = ("CIFAR-100", "Tiny-ImageNet", "STL-10")
# Widths 4, 6 and 8 of WRN-32 are a half, three quarters and all of the channels.
J3: Final = (PublishedLevel(7.5, 0.65, 0.25), PublishedLevel(16.8, 1.02, 0.5625), PublishedLevel(29.8, 1.51, 1.0))
# Statements of the slides' text, each with where it stands.
STATED: Final = (
    ("J2, four tasks of Tiny-ImageNet", "4 × 4 outputs from one trained network; NestedNet needs four networks"),
    ("J2, four tasks of Tiny-ImageNet", "separate networks (the baseline) need 4 × the storage of the virtual network"),
    ("J1, CIFAR-10 and CIFAR-100", "levels of one unit lose little against those of all units"),
    ("H1, coarse and fine classes of CIFAR-100", "better than the other methods in all cases"),
    ("S1, CIFAR-10 in two halves", "levels of one unit are better than the rivals on average"),
    ("S2, CIFAR-10, then CIFAR-100", "with all units the best result on average"),
    ("Approach", "one training stage for all tasks and levels"),
)
