"""How long the networks that stand side by side were trained."""

from app.ui.formatting import listed
from core.families.rivals.method import PackNetMethod, title_of
from core.families.rivals.results import RivalResults


def steps_sentence(rivals: RivalResults | None) -> str:
    """Return that every network makes as many steps, but for methods that train one task after another.

    Args:
        rivals: Published methods that are shown, or None.
    """
    words = "Every network makes as many steps over as many pictures"
    methods = () if rivals is None else tuple(each.method for each in rivals.methods)
    titles = list(dict.fromkeys(title_of(method) for method in methods if isinstance(method, PackNetMethod)))
    if not titles:
        return f"{words}."
    one = len(titles) == 1
    return (
        f"{words}; {listed(titles)}, which {'trains' if one else 'train'} one task after another, "
        f"{'makes' if one else 'make'} them once for each task."
    )
