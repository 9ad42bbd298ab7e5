"""The plane of all families as a drawing: a mark for each network, as filled as it is likely on the joint front."""

from dataclasses import dataclass, replace
from html import escape
from statistics import median

from app.charts import svg
from app.charts.plane import Scale, axis_lines
from app.compare.family_marks import closed, family_mark, family_words, mark_shape
from app.compare.model import CompareView, code_of
from app.compare.words import axis_words, chance, seeds_words, title
from app.ui.formatting import cost_share, minus, percent
from core.plane.comparison import Priced
from core.plane.published import PublishedNetwork

_WIDTH, _FLOOR = 620.0, 352.0
WIDTHS = (svg.NARROW, _WIDTH)
_LEFT, _RIGHT, _TOP = 58.0, 16.0, 44.0
# Below the floor: the axis with its words, then rows of the legend.
_AXIS, _ROW, _LINE = 61.0, 18.0, 20.0
_SIZE, _SMALL = 5.4, 3.4
# Budgets end at 1; of what costs much more the drawing would be empty.
_DEAREST = 1.5
# Networks so many times as far below the middle as the best is above it are drawn at the lower edge.
_FARTHEST = 4.0
# Above the best network, so much of the height that all of them take is left for intervals.
_REACH = 0.3
# The browser makes the letters of the legend so much larger.
_ENLARGED, _EDGE = 1.15, 4.0
# Of a cost at its axis, with the room around it.
_TICK = 55.0


@dataclass(frozen=True, slots=True)
class Layers:
    """What is drawn besides the measured networks.

    Args:
        predicted: Networks that are predicted and not trained.
        published: Figures of papers.
    """

    predicted: bool = False
    published: bool = False


def scale_of(view: CompareView, layers: Layers, width: float = _WIDTH) -> Scale:
    """Return the scale of all but networks far below the others, or far more expensive than single-task ones.

    Args:
        view: What is drawn.
        layers: What is drawn besides measured networks.
        width: Of the drawing, one of ``WIDTHS``.
    """
    costs = [1.0, *(view.share(each) for each in view.networks)]
    scores = [0.0, *(each.score for each in view.networks)]
    if layers.predicted:
        costs += [each.cost for each in view.predicted]
        scores += [each.gain for each in view.predicted]
    if layers.published:
        costs += [each.shares[view.question, view.unit] for each in view.published]
        scores += [each.gain for each in view.published]
    front = view.comparison.front if view.comparison else ()
    highest = [interval[1] for each in front if (interval := view.interval(each))]
    middle, high = median(scores), max(scores)
    low = max(min(scores), middle - _FARTHEST * max(high - middle, 0.5))
    # The front is shown whole, and how far up its intervals reach, but for a wide one that would empty half the plane.
    low = min([low, *(each.score for each in front)])
    high = min(max([high, *highest]), high + _REACH * max(high - low, 0.5))
    pad = 0.06 * max(high - low, 0.5)
    high_cost = 1.03 * max(cost for cost in costs if cost <= _DEAREST)
    n_rows = _placed(_legend_entries(view, layers, low - pad, high_cost), width)[-1].row + 1
    above = _LINE * (len(axis_lines(gain_words(view), width)) - 1)
    return Scale(
        x0=_LEFT, x1=width - _RIGHT, low=0.0, high=high_cost, bottom=_FLOOR, top=_TOP + above,
        y_low=low - pad, y_high=high + pad, width=width,
        height=_FLOOR + _below(view, width) + _ROW * n_rows - 6,
    )  # fmt: skip


def compare_svg(
    view: CompareView, scale: Scale, layers: Layers, pins: dict[str, str], *, is_still: bool = False
) -> str:
    """Return the drawing without budget line, which the browser adds.

    Args:
        view: What is drawn.
        scale: Where it lies.
        layers: What is drawn besides measured networks.
        pins: Code of a pinned network → its letter.
        is_still: Whether nobody will point at a network: then only those on the front have their intervals drawn.
    """
    with_interval = view.comparison.front if is_still and view.comparison else view.networks
    body = _axes(view, scale)
    body += svg.tag(
        "rect",
        class_="over",
        x=scale.x1,
        y=scale.top,
        width=0.1,
        height=scale.bottom - scale.top,
        fill="var(--bw-over)",
    )
    body += svg.tag("path", d=_staircase(view, scale), stroke=svg.PRIMARY, stroke_width=1.8, fill="none", opacity=0.75)
    if layers.published:
        body += "".join(_published(each, view, scale) for each in view.published)
    if layers.predicted:
        for guess in view.predicted:
            style = family_mark(guess.point.family)
            words = f"{title(guess.point)}: predicted {percent(guess.gain)} at {cost_share(guess.cost)}"
            mark = mark_shape(
                style.shape, _x(scale, guess.cost), _y(scale, guess.gain), _SMALL, fill="none", stroke=style.colour,
                stroke_width=1, stroke_dasharray="2 1.5",
            )  # fmt: skip
            body += svg.tag("g", _hover(words) + mark, class_="predicted", data_cost=f"{guess.cost:.12g}")
    # What is likely on the front lies on top.
    order = sorted(range(len(view.networks)), key=lambda place: view.on_front(view.networks[place]) or 0.0)
    body += "".join(
        _network(view, place, scale, with_interval=view.networks[place] in with_interval) for place in order
    )
    for place, each in enumerate(view.networks):
        letter = pins.get(code_of(each.point))
        if letter:
            x, y = _x(scale, view.share(each)), _y(scale, each.score)
            body += svg.tag("circle", cx=x, cy=y, r=9, fill="none", stroke=svg.TEXT, stroke_width=1.4, data_pin=place)
            body += svg.text(x + 10, y - 8, letter, size=14, font_weight=700, class_="mark", data_x=x)
    body += _legend(view, scale, layers)
    families = sorted({family_words(each.point.family) for each in view.networks})
    label = f"{gain_words(view)} against {axis_words(view.question, view.unit, view.study.n_tasks)}: " + (
        f"{len(view.networks)} measured networks of {len(families)} families"
    )
    return svg.canvas(scale.width, scale.height, body, label, class_="plane", role="group")


def readout(view: CompareView, network: Priced) -> str:
    """Return everything about a network in one line."""
    on_front = view.on_front(network)
    front = "one seed" if on_front is None else f"on the joint front with probability {chance(on_front)}"
    interval = f" ({view.interval_words(network)})"
    seeds = seeds_words([network.point.n_seeds])
    shown = f"{view.written(network.score)}{interval}, {seeds}"
    return f"{title(network.point)}: {shown}, at {cost_share(view.share(network))}; {front}"


def gain_words(view: CompareView) -> str:
    """Return what the axis of gains says: of which tasks, split, seeds and weights."""
    what = ", equal weights"
    if view.task:
        what = f" {view.task}" if view.scale is None else f" of {view.task}"
    counts = [each.point.n_seeds for each in view.networks]
    return f"{measure_words(view)}{what}, test split, {seeds_words(counts)}"


def measure_words(view: CompareView) -> str:
    """Return what networks are ranked by."""
    return "Measured gain Δ" if view.scale is None else f"Measured {view.scale.metric.name}"


def _axes(view: CompareView, scale: Scale) -> str:
    body = ""
    for score, words in _heights(view, scale):
        y = scale.y(score)
        body += svg.tag("line", x1=scale.x0, x2=scale.x1, y1=y, y2=y, stroke=svg.LINE, stroke_width=1)
        body += svg.text(scale.x0 - 8, y + 4, words, anchor="end", fill=svg.MUTED, size=13)
    if scale.y_low <= 0 <= scale.y_high:
        y = scale.y(0.0)
        body += svg.tag("line", x1=scale.x0, x2=scale.x1, y1=y, y2=y, stroke=svg.LINE, stroke_width=1.8)
    for value in svg.ticks(scale.low, scale.high, min(6, int((scale.x1 - scale.x0) / _TICK))):
        body += svg.text(scale.x(value), scale.bottom + 18, cost_share(value), anchor="middle", fill=svg.MUTED, size=13)
    for line, words in enumerate(axis_lines(gain_words(view), scale.width)):
        body += svg.text(_EDGE, 16 + _LINE * line, words, fill=svg.MUTED, size=13)
    middle = (scale.x0 + scale.x1) / 2
    for line, words in enumerate(_cost_lines(view, scale.width)):
        body += svg.text(middle, scale.bottom + 39 + _LINE * line, words, anchor="middle", fill=svg.MUTED, size=13)
    return body


def _cost_lines(view: CompareView, width: float) -> list[str]:
    return axis_lines(axis_words(view.question, view.unit, view.study.n_tasks), width)


def _below(view: CompareView, width: float) -> float:
    """Return how far below the floor the legend begins."""
    return _AXIS + _LINE * (len(_cost_lines(view, width)) - 1)


def _heights(view: CompareView, scale: Scale) -> list[tuple[float, str]]:
    """Return the scores that the axis of gains or values names, in words."""
    if view.scale is None:
        heights = svg.ticks(scale.y_low, scale.y_high, 6)
        digits = next((d for d in (0, 1) if all(abs(value - round(value, d)) < 1e-9 for value in heights)), 2)
        return [(value, percent(value, digits)) for value in heights]
    low, high = sorted((view.scale.value(scale.y_low), view.scale.value(scale.y_high)))
    return [(view.scale.score(value), minus(f"{value:.3g}")) for value in svg.ticks(low, high, 6)]


def _network(view: CompareView, place: int, scale: Scale, *, with_interval: bool) -> str:
    network = view.networks[place]
    style, interval = family_mark(network.point.family), view.interval(network)
    x, y = _x(scale, view.share(network)), _y(scale, network.score)
    body = _hover(readout(view, network))
    body += svg.tag("circle", cx=x, cy=y, r=9, fill="transparent")
    if with_interval and interval is not None and interval[1] > interval[0]:
        low, high = (_y(scale, end) for end in interval)
        # An end outside the plane has no mark.
        ends = [f"M{x - 4:.1f},{_y(scale, end):.1f}h8" for end in interval if scale.y_low <= end <= scale.y_high]
        body += svg.tag(
            "path", d=f"M{x:.1f},{low:.1f}V{high:.1f}{''.join(ends)}", class_="interval", stroke=style.colour,
            stroke_width=2.2, fill="none",
        )  # fmt: skip
    likely = view.on_front(network)
    body += mark_shape(style.shape, x, y, _SIZE, fill="var(--bw-card)")
    body += mark_shape(
        style.shape, x, y, _SIZE, fill=style.colour, fill_opacity=f"{likely or 0.0:.2f}", stroke=style.colour,
        stroke_width=1.5, stroke_dasharray="2 1.5" if likely is None else "",
    )  # fmt: skip
    if network.score < scale.y_low:
        tip = [(x - 3, y + 8), (x + 3, y + 8), (x, y + 12)]
        body += svg.tag("path", d=closed(tip), fill=style.colour)
    if view.share(network) > scale.high:
        tip = [(x + 8, y - 3), (x + 8, y + 3), (x + 12, y)]
        body += svg.tag("path", d=closed(tip), fill=style.colour)
    return svg.tag("g", body, class_="network", data_i=place, data_cost=f"{view.share(network):.12g}")


def _published(network: PublishedNetwork, view: CompareView, scale: Scale) -> str:
    cost = network.shares[view.question, view.unit]
    x, y = _x(scale, cost), _y(scale, network.gain)
    table = network.table
    found = f"{network.name}, {percent(network.gain)} at {cost_share(cost)}"
    words = f"{table.source}, published: {found}; {table.data}, {table.backbone}"
    return svg.tag("g", _hover(words) + _saltire(x, y), class_="published", data_cost=f"{cost:.12g}")


def _saltire(x: float, y: float) -> str:
    lines = f"M{x - 4:.1f},{y - 4:.1f}l8,8M{x + 4:.1f},{y - 4:.1f}l-8,8"
    hit = svg.tag("circle", cx=x, cy=y, r=7, fill="transparent")
    return hit + svg.tag("path", d=lines, stroke=svg.MUTED, stroke_width=1.6, fill="none")


def _hover(words: str) -> str:
    return f"<title>{escape(words)}</title>"


def _x(scale: Scale, cost: float) -> float:
    """Return the place of a cost, at the right edge where it lies beyond."""
    return scale.x(min(cost, scale.high))


def _y(scale: Scale, score: float) -> float:
    """Return the height of a gain, at the lower edge where it lies below."""
    return scale.y(min(max(score, scale.y_low), scale.y_high))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A mark of the legend, how far it stands from the left, and in which row."""

    words: str
    kind: str
    x: float = 0.0
    row: int = 0


def _legend_entries(view: CompareView, layers: Layers, lowest: float, dearest: float) -> list[_Entry]:
    """Return what each mark means, families first."""
    families = list(dict.fromkeys(each.point.family for each in view.networks))
    entries = [_Entry(family_words(name), name) for name in families]
    entries += [
        _Entry("front of mean gains" if view.scale is None else f"front of mean {view.scale.metric.name}", "front"),
        _Entry("the fuller, the likelier on the front", "filled"),
    ]
    entries += [_Entry("dashed: predicted", "predicted")] if layers.predicted and view.predicted else []
    entries += [_Entry("from papers, other data", "published")] if layers.published and view.published else []
    n_below = sum(each.score < lowest for each in view.networks)
    entries += [_Entry(f"{n_below} below the scale", "below")] if n_below else []
    beyond = [view.share(each) for each in view.networks if view.share(each) > dearest]
    words = f"{len(beyond)} beyond the scale, up to {cost_share(max(beyond, default=0.0))}"
    return [*entries, *([_Entry(words, "beyond")] if beyond else [])]


def _placed(entries: list[_Entry], width: float) -> list[_Entry]:
    """Return entries in rows that fit a drawing of a width."""
    x, row, found = 0.0, 0, []
    for each in entries:
        room = 16 + 6.4 * len(each.words)
        if x and x + room > (width - _EDGE) / _ENLARGED:
            x, row = 0.0, row + 1
        found.append(replace(each, x=x, row=row))
        x += room + 12
    return found


def _legend(view: CompareView, scale: Scale, layers: Layers) -> str:
    first, body = scale.bottom + _below(view, scale.width), ""
    for each in _placed(_legend_entries(view, layers, scale.y_low, scale.high), scale.width):
        left, y = _EDGE + each.x, first + _ROW * each.row
        body += _key(each.kind, left + 5, y - 4) + svg.text(left + 16, y, each.words, fill=svg.MUTED, size=12)
    return svg.tag("g", body, class_="legend", data_x=_EDGE, data_y=first)


def _key(kind: str, x: float, y: float) -> str:
    match kind:
        case "filled":
            return "".join(
                mark_shape("circle", at, y, 3.4, fill=svg.MUTED, fill_opacity=full, stroke=svg.MUTED, stroke_width=1.2)
                for at, full in ((x - 4, 0.0), (x + 4, 1.0))
            )
        case "front":
            return svg.tag(
                "path", d=f"M{x - 6:.1f},{y + 3:.1f}h5v-6h6", stroke=svg.PRIMARY, stroke_width=1.8, fill="none"
            )
        case "predicted":
            dashes = {"stroke_width": 1, "stroke_dasharray": "2 1.5"}
            return mark_shape("circle", x, y, 4, fill="none", stroke=svg.MUTED, **dashes)
        case "published":
            return _saltire(x, y)
        case "below":
            return svg.tag("path", d=closed([(x - 4, y - 2), (x + 4, y - 2), (x, y + 4)]), fill=svg.MUTED)
        case "beyond":
            return svg.tag("path", d=closed([(x - 2, y - 4), (x - 2, y + 4), (x + 4, y)]), fill=svg.MUTED)
        case _:
            style = family_mark(kind)
            return mark_shape(style.shape, x, y, 4.6, fill="none", stroke=style.colour, stroke_width=1.6)


def _staircase(view: CompareView, scale: Scale) -> str:
    corners: list[tuple[float, float]] = []
    for each in view.comparison.front if view.comparison else ():
        x, y = _x(scale, view.share(each)), _y(scale, each.score)
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    corners.append((scale.x1, corners[-1][1]))
    return svg.path(corners)
