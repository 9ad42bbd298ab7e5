"""The backbone with its exits, as a figure for a paper."""

from functools import partial

from app.figures.bibliography import MULTI_PATH
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import Ladder as LadderPart
from app.figures.parts import Strip
from app.paths.model import Ladder
from app.paths.timing import rising
from app.ui.downloads import file_stem
from app.ui.formatting import amount
from core.costs import Unit
from core.studies.study import Study


def paper_menu(ladder: Ladder, study: Study) -> None:
    """Show the menu of the ladder."""
    stem = f"branchwise-paths-{file_stem(ladder.name)}"
    figure_menu(partial(ladder_figure, ladder, study), key="paths", stem=stem)


def ladder_figure(ladder: Ladder, study: Study, edits: Edits) -> PaperFigure:  # noqa: ARG001  # it names no task
    """Return what each path costs, on every scale that is known."""
    rungs = ladder.rungs
    counts = [
        ("Parameters", [float(rung.params) for rung in rungs], Unit.PARAMETERS),
        ("MACs", [float(rung.macs) for rung in rungs], Unit.MACS),
    ]
    if ladder.is_timed:
        counts.append(("Time", rising([rung.seconds or 0.0 for rung in rungs]), Unit.LATENCY))
    strips = [Strip("Places", tuple(place + 1.0 for place in range(len(rungs))), ("",) * len(rungs))]
    strips += [
        Strip(name, tuple(ends), tuple(amount(end, unit) for end in ends)) for name, ends, unit in counts if ends[-1]
    ]
    marks = tuple((place, f"exit after {rungs[place].name}") for place in ladder.chosen)
    return PaperFigure(
        f"Exits of {ladder.name}",
        "counts of paths without heads" + ("; time: median of one input" if ladder.is_timed else ""),
        (LadderPart(tuple(strips), marks),),
        caption="Where the exits of a multi-path network stand on each scale; a path holds everything at its left.",
        columns=("place", "name", "exit", "parameters", "MACs", "seconds"),
        rows=tuple(
            (place, rung.name, int(place in ladder.chosen), rung.params, rung.macs, rung.seconds)
            for place, rung in enumerate(rungs)
        ),
        papers=(MULTI_PATH,),
        provenance=provenance_of(study),
    )
