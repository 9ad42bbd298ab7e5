"""Cost of the cheapest tree against α, on an axis that gives every tree of the path some width."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.charts import svg

_WIDTH, _HEIGHT = 430.0, 232.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 26.0, 52.0
# Of the width, so much is shared alike among the trees; the rest goes by how wide their intervals are.
_ALIKE = 0.55
_FEWEST_PIXELS = 42.0  # between two written breakpoints


@dataclass(frozen=True, slots=True)
class Interval:
    """One tree of the path: from which α to which, and the two terms of its cost.

    Args:
        start: Smallest α.
        end: Largest; infinity for the last.
        clustering: Σ over depths of the clustering cost.
        complexity: Σ over depths of (branches − 1)·2^p.
    """

    start: float
    end: float
    clustering: float
    complexity: float

    def cost(self, alpha: float) -> float:
        """Return its cost at an α."""
        return self.clustering + alpha * self.complexity


@dataclass(frozen=True, slots=True)
class AlphaScale:
    """Where each α lies: knots between which the browser goes linearly from 0, else by ratio.

    Args:
        alphas: Rising; one more than there are trees. The last stands for all that is larger.
        places: Horizontal places in the drawing.
        low: Place of the smallest cost.
        high: Place of the largest.
        most: The largest cost.
    """

    alphas: tuple[float, ...]
    places: tuple[float, ...]
    low: float
    high: float
    most: float
    width: float = _WIDTH
    height: float = _HEIGHT

    def x(self, alpha: float) -> float:
        """Return the horizontal place of an α."""
        for place in range(len(self.alphas) - 1):
            start, end = self.alphas[place], self.alphas[place + 1]
            if alpha <= end or place == len(self.alphas) - 2:
                part = alpha / end if start == 0 else math.log(alpha / start) / math.log(end / start)
                return self.places[place] + min(max(part, 0.0), 1.0) * (self.places[place + 1] - self.places[place])
        return self.places[-1]

    def y(self, cost: float) -> float:
        """Return the vertical place of a cost."""
        return self.low - cost / self.most * (self.low - self.high)


def alpha_scale(path: Sequence[Interval]) -> AlphaScale:
    """Return an axis on which short intervals can be reached too.

    Args:
        path: The trees by rising α.
    """
    last = path[-1].start
    alphas = [*(step.start for step in path), 2 * last if last > 0 else 1.0]
    ratios = [math.log(b / a) if a > 0 else math.nan for a, b in pairwise(alphas)]
    known = [ratio for ratio in ratios[:-1] if not math.isnan(ratio)]
    usual = sum(known) / len(known) if known else 1.0
    # The first interval begins at 0 and the last has no end: they count as an average one.
    wide = [usual if math.isnan(ratio) or at == len(ratios) - 1 else ratio for at, ratio in enumerate(ratios)]
    shares = [_ALIKE / len(wide) + (1 - _ALIKE) * ratio / sum(wide) for ratio in wide]
    places, room = [_LEFT], _WIDTH - _LEFT - _RIGHT
    for share in shares:
        places.append(places[-1] + share * room)
    most = max(path[-1].cost(alphas[-1]), max(step.cost(min(step.end, alphas[-1])) for step in path), 1e-9)
    return AlphaScale(tuple(alphas), tuple(places), _HEIGHT - _BOTTOM, _TOP, most * 1.04)


def alpha_path_svg(path: Sequence[Interval], scale: AlphaScale) -> str:
    """Return the drawing without the line at the current α, which the browser adds.

    Args:
        path: The trees by rising α.
        scale: As ``alpha_scale`` gives it.
    """
    body = _bands(path, scale)
    for value in svg.ticks(0, scale.most, 4):
        y = scale.y(value)
        body += svg.tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, stroke=svg.LINE)
        body += svg.text(_LEFT - 6, y + 4, f"{value:g}", anchor="end", fill=svg.MUTED, size=12)
    cost, clustering = _curve(path, scale, whole=True), _curve(path, scale, whole=False)
    ground = [(scale.places[-1], scale.low), (scale.places[0], scale.low)]
    body += svg.tag("path", d=svg.path([*clustering, *ground]) + "Z", fill=svg.PRIMARY, opacity="0.16")
    body += svg.tag("path", d=svg.path(clustering), stroke=svg.PRIMARY, stroke_dasharray="3 3", fill="none")
    body += svg.tag("path", d=svg.path(cost), stroke=svg.PRIMARY, stroke_width=2, fill="none")
    body += svg.text(_LEFT, 13, "cost of the cheapest tree", fill=svg.MUTED, size=12)
    body += svg.text(_WIDTH - _RIGHT, 13, "dashed: its clustering cost", anchor="end", fill=svg.MUTED, size=12)
    body += _breakpoints(path, scale)
    spoken = f"Cost of the cheapest tree against α: {len(path)} trees, up to {scale.most / 1.04:.3g}"
    return svg.canvas(_WIDTH, _HEIGHT, body, spoken, class_="envelope")


def _bands(path: Sequence[Interval], scale: AlphaScale) -> str:
    return "".join(
        svg.tag(
            "rect", x=scale.places[at], y=scale.high, width=scale.places[at + 1] - scale.places[at],
            height=scale.low - scale.high, fill="var(--bw-over)", opacity="0" if at % 2 else "0.75", class_="band",
            data_i=at,
        )
        for at in range(len(path))
    )  # fmt: skip


def _curve(path: Sequence[Interval], scale: AlphaScale, *, whole: bool) -> list[tuple[float, float]]:
    points = []
    for at, step in enumerate(path):
        start, end = scale.alphas[at], scale.alphas[at + 1]
        for part in range(9):
            alpha = end * part / 8 if start == 0 else start * (end / start) ** (part / 8)
            x = scale.places[at] + part / 8 * (scale.places[at + 1] - scale.places[at])
            points.append((x, scale.y(step.cost(alpha) if whole else step.clustering)))
    return points


def _breakpoints(path: Sequence[Interval], scale: AlphaScale) -> str:
    body, written = "", -math.inf
    for at, alpha in enumerate(scale.alphas[: len(path)]):
        x = scale.places[at]
        body += svg.tag("line", x1=x, x2=x, y1=scale.low, y2=scale.low + 6, stroke=svg.MUTED)
        if x - written >= _FEWEST_PIXELS and x < _WIDTH - _RIGHT - 30:
            body += svg.text(x, scale.low + 18, short_alpha(alpha), anchor="middle", fill=svg.MUTED, size=12)
            written = x
    body += svg.text(_WIDTH - _RIGHT, scale.low + 18, "α →", anchor="end", fill=svg.MUTED, size=12)
    return body


def short_alpha(alpha: float) -> str:
    """Return an α with two digits.

    >>> short_alpha(0.0), short_alpha(0.0712), short_alpha(0.00042)
    ('0', '.071', '4.2e-4')
    """
    if alpha == 0:
        return "0"
    if alpha < 0.001:
        return f"{alpha:.1e}".replace("e-0", "e-")
    text = f"{alpha:.2g}"
    return text.removeprefix("0") if text.startswith("0.") else text
