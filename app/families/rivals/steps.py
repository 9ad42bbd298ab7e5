"""How long the networks that stand side by side were trained."""

from app.ui.formatting import listed
from core.families.rivals.method import STAGED, PackNetMethod, title_of
from core.families.rivals.results import RivalResults


def steps_sentence(rivals: RivalResults | None) -> str:
    """Return that every network makes as many steps, but for methods that train one task after another.

    Args:
        rivals: Published methods that are shown, or None.
    """
    words = "Every network makes as many steps over as many pictures"
    methods = () if rivals is None else tuple(each.method for each in rivals.methods)
    packed = list(dict.fromkeys(title_of(method) for method in methods if isinstance(method, PackNetMethod)))
    staged = list(dict.fromkeys(title_of(method) for method in methods if method.name in STAGED))
    if packed:
        one = len(packed) == 1
        words += (
            f"; {listed(packed)}, which {'trains' if one else 'train'} one task after another, "
            f"{'makes' if one else 'make'} them once for each task"
        )
    if staged:
        words += (
            f"; {listed(staged)} {'learns' if len(staged) == 1 else 'learn'} one task after another, each in as many "
            "passes over the pictures that are labelled for it"
        )
    return f"{words}."
