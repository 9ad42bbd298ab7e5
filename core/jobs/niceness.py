"""How much the trainings of this machine give way to its other programs."""

import os
from contextlib import suppress
from typing import Final

VARIABLE: Final = "BRANCHWISE_NICE"
_MOST: Final = 19


def give_way() -> None:
    """Lower the priority of a training as far as ``BRANCHWISE_NICE`` says: 0, the default, to 19.

    Pages of a class answer at once while trainings take what is left. On Linux this is the priority of the calling
    thread and of those that it starts, elsewhere of the process. What is no such number is taken for 0, and a priority
    is never raised.
    """
    text = os.environ.get(VARIABLE, "").strip()
    wanted = min(int(text), _MOST) if text.isdecimal() and text.isascii() and len(text) < 4 else 0
    # Windows has none.
    with suppress(AttributeError, OSError):
        if wanted > os.getpriority(os.PRIO_PROCESS, 0):
            os.setpriority(os.PRIO_PROCESS, 0, wanted)
