"""How Auto stands, as text, on the command line and on pages."""

from collections.abc import Sequence

from app.ui.formatting import layout_sentence, percent, plural, share
from core.jobs.auto import AutoLine, AutoState
from core.jobs.estimate import about
from core.layouts import Layout


def progress_words(found: AutoLine, tasks: Sequence[str]) -> str:
    """Return how far it is and what is trained now, in one line."""
    parts = [f"{plural(found.n_trained, 'training')} in {about(found.seconds)}"]
    if (standing := found.standing) is not None:
        parts.append(f"expected to lack {standing.loss:.2f} points of at most {found.goal.tolerance:g}")
        if standing.next and found.state is AutoState.ACTIVE:
            more = f" and {len(standing.next) - 1} more" if len(standing.next) > 1 else ""
            parts.append(f"now: {next_words(standing.next[0], tasks)}{more}")
    return " · ".join(parts)


def next_words(chosen: tuple[tuple[int, ...], int, str], tasks: Sequence[str]) -> str:
    """Return what is trained, as text.

    >>> next_words(((0, 2), 1, ""), ("depth", "edges", "normals"))
    'depth and normals, sharing 1 block'
    """
    pair, branch_point, layout = chosen
    if layout:
        return f"the layout itself: {layout_sentence(Layout.parse(layout), tasks)}"
    return f"{' and '.join(tasks[task] for task in pair)}, sharing {plural(branch_point, 'block')}"


def recommended_words(found: AutoLine, tasks: Sequence[str]) -> str:
    """Return what is recommended and how sure that is; empty before the first look."""
    if (standing := found.standing) is None:
        return ""
    return (
        f"Recommended: {layout_sentence(Layout.parse(standing.layout), tasks)}; expected gain "
        f"{percent(standing.gain, 2)}, expected to lack {standing.loss:.2f} points. It is "
        f"{share(standing.probability)} likely within {found.goal.tolerance:g} points of the best layout."
    )
