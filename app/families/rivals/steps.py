"""How long the networks that stand side by side were trained."""

from core.families.rivals.method import PackNetMethod
from core.families.rivals.results import RivalResults


def steps_sentence(rivals: RivalResults | None) -> str:
    """Return that every network makes as many steps; PackNet, where it is one of them, makes them once for each task.

    Args:
        rivals: Published methods that are shown, or None.
    """
    words = "Every network makes as many steps over as many pictures"
    if rivals is None or not any(isinstance(each.method, PackNetMethod) for each in rivals.methods):
        return f"{words}."
    return f"{words}; PackNet, which trains one task after another, makes them once for each task."
