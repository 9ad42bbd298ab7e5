"""Figures of the lesson on trunk and branches."""

from collections.abc import Sequence

from app.charts import svg
from app.components.dial import Stop, dial_data
from app.families.treednn.scores import Network, difference, mean
from app.lessons.figure import Figure, Interactive, Rows
from app.lessons.values.trunk_and_branches import (
    NETWORK,
    backbone,
    cut_at,
    ends_words,
    points,
    results,
    times,
    title,
    value,
)
from app.storage.deployment_picture import deployment_svg, narrow_deployment_svg
from app.storage.deployment_steps import deployment_steps
from app.storage.figure import figure_data
from app.storage.model import StorageView
from app.storage.response_model import milliseconds
from app.storage.tree_drawing import DrawnTree
from app.ui.formatting import count, minus, number_word, share
from core.costs import CostQuestion
from core.families.switching.results import bundled_switchings
from core.families.treednn.costs import LayerCount, response
from core.families.treednn.published import CASE

_NUMBERS = (1, 2, 3, 4, 5, 6, 8, 10, 20, 40)
_EPSILONS = (-40, -30, -20, -10, 0, 10, 20, 30, 40)
_BRANCHES = ("night", "food", "portrait", "text", "sport")
_WIDTH, _ROW = 760.0, 42.0


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    half = backbone().n_blocks // 2
    return {
        "cut": Interactive("storage_cut", figure_data(StorageView(cut_at(half), None))),
        "branches": Interactive(
            "dial",
            dial_data("Number of branches", [_branches(half, k) for k in _NUMBERS], _NUMBERS.index(CASE.n_branches)),
        ),
        "switch": Interactive("dial", dial_data("Step", _switch())),
        "times": Rows(
            ("network, trunk", "bytes read", "loaded, ms", "output, ms", "by bytes, ms"),
            [_times(place) for place in range(len(bundled_switchings()))],
            "Trunk: blocks that stay in memory. Time from the request until the weights are loaded, and until the "
            "first output, whole network → branch: medians over "
            f"{number_word(len(bundled_switchings()[0].report.branches))} branches of the medians of "
            f"{bundled_switchings()[0].report.repeats} repeats, in which both took turns, on one machine "
            f"({bundled_switchings()[0].report.machine}), files already in the system's cache. Last "
            "column: the time of the first output that TreeDNN's formula predicts.",
        ),
        "scores": Rows(
            ("branch", "alone", "joint", "own branch", "difference, points (90 %)"),
            [
                (
                    f"{each.name}{' (graft)' if each.is_graft else ''}",
                    value(each, Network.DEDICATED),
                    value(each, Network.GENERALISED),
                    value(each, Network.SPECIALISED),
                    f"{points(mean(difference(each)))} ({ends_words(each)})",
                )
                for each in results().branches
            ],
            f"Accuracy on the test split, means of {len(results().seeds)} seeds. Alone: a dedicated network. Joint: "
            "after the first phase. Own branch: after the second. Difference: own branch less alone, with its 90 % "
            "interval; from values that are not rounded.",
        ),
        "slip": Interactive(
            "dial", dial_data("ε, layers behind the middle", [_slip(e) for e in _EPSILONS], _EPSILONS.index(10))
        ),
    }


def _branches(cut: int, n_branches: int) -> Stop:
    found = cut_at(cut, n_branches)
    saved = [
        ("blocks", found.blocks.relative),
        ("parameters", found.params.relative),
        ("MACs, one input", found.macs(CostQuestion.ALL_TASKS).relative),
        ("MACs, one task", found.macs(CostQuestion.ONE_TASK).relative),
    ]
    branches = "one branch" if n_branches == 1 else f"{n_branches} branches"
    limits = (cut / found.backbone.n_blocks, found.trunk_share)
    return Stop(
        str(n_branches),
        f"Saved by a trunk of {cut} of {found.backbone.n_blocks} blocks with {branches}",
        _bars(lines := [(name, part, share(part)) for name, part in saved], "Share that is saved"),
        f"With ever more branches the share grows to that of the trunk: {share(limits[0])} of the blocks, but "
        f"{share(limits[1])} of the parameters.",
        _bars(lines, "Share that is saved", svg.NARROW),
    )


def _switch() -> list[Stop]:
    case = cut_at(max(each.cut for each in bundled_switchings() if each.backbone == NETWORK))
    tree, steps = DrawnTree(case, _BRANCHES), deployment_steps(case, _BRANCHES)
    return [
        Stop(
            str(place + 1),
            step.title,
            deployment_svg(tree, step, first_read=place == 1),
            step.caption,
            narrow_deployment_svg(tree, step, first_read=place == 1),
        )
        for place, step in enumerate(steps)
    ]


def _times(place: int) -> tuple[str, ...]:
    found = bundled_switchings()[place]
    whole, branch = times(found)
    return (
        f"{title(found.backbone)}, {found.cut}\u00a0of\u00a0{found.n_blocks}",
        share(found.loaded_share),
        f"{_without_unit(whole.load)} → {_without_unit(branch.load)}",
        f"{_without_unit(whole.first_output)} → {_without_unit(branch.first_output)}",
        _without_unit(response(whole.first_output, found.loaded_share)),
    )


def _without_unit(seconds: float) -> str:
    """Return a time for a column whose heading has the unit."""
    return milliseconds(seconds).removesuffix(" ms")


def _slip(epsilon: int) -> Stop:
    case = LayerCount(CASE.layers, epsilon, CASE.n_branches)
    lines = [
        ("stored", case.tree),
        ("saved", case.gain),
        ("as printed", case.gain_as_printed),
    ]
    wrong = case.gain_as_printed + case.tree - case.separate
    sentence = "Stored and saved layers add up to all layers of the separate networks; as printed they do, too."
    if wrong:
        words = "too many" if wrong > 0 else "missing"
        sentence = (
            f"Stored and saved layers should add up to the {count(int(case.separate))} layers of {case.n_branches} "
            f"separate networks. As printed, {count(int(abs(wrong)))} are {words}."
        )
    wide, narrow = (
        _bars([(name, each / case.separate, f"{each:g} layers") for name, each in lines], "Layers", width)
        for width in (_WIDTH, svg.NARROW)
    )
    return Stop(
        minus(str(epsilon)),
        minus(f"ε = {epsilon}: a trunk of {case.trunk:g} of {case.layers} layers"),
        wide,
        sentence,
        narrow,
    )


def _bars(lines: Sequence[tuple[str, float, str]], label: str, width: float = _WIDTH) -> str:
    """Return bars of shares.

    Args:
        lines: Name, share and written share of each.
        label: Spoken description.
        width: Of the drawing in its own units.
    """
    left, right = (186.0, width - 120) if width == _WIDTH else (150.0, width - 84)
    body, low = "", 14 + _ROW * len(lines)
    for tick in svg.ticks(0, 1, 5 if width == _WIDTH else 2):
        x = left + tick * (right - left)
        body += svg.tag("line", x1=x, x2=x, y1=8, y2=low, stroke=svg.LINE)
        body += svg.text(x, low + 18, share(tick), anchor="middle", fill=svg.MUTED, size=12.5)
    for place, (name, part, words) in enumerate(lines):
        y = 14 + _ROW * place
        colour = svg.task_colour(0) if name == "as printed" else svg.PRIMARY
        wide = max(part * (right - left), 1.0)
        body += svg.text(left - 12, y + 23, name, anchor="end", size=14, font_weight=600)
        body += svg.tag("rect", x=left, y=y + 6, width=wide, height=_ROW - 18, rx=3, fill=colour, opacity="0.8")
        body += svg.text(left + wide + 8, y + 23, words, size=15, font_weight=700)
    body += svg.tag("line", x1=left, x2=left, y1=4, y2=low, stroke=svg.TEXT, stroke_width=1.6)
    spoken = "; ".join(f"{name} {words}" for name, _, words in lines)
    return svg.canvas(width, low + 26, body, f"{label}: {spoken}")
