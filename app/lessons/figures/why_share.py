"""Figures of the first lesson."""

import base64
import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.charts import svg
from app.charts.matrix import matrix_svg
from app.components.dial import Stop, dial_data
from app.lessons.bundled import study
from app.lessons.figure import Figure, Interactive, Rows, Still
from app.lessons.values.why_share import (
    ONE,
    OTHER,
    STUDY,
    TABLE_2,
    interval_words,
    levels,
    mean,
    pair,
    published,
    related,
)
from app.ui.formatting import minus, percent
from app.ui.paths import ASSETS
from core.plane.interval import t_interval

# Of the gallery: those in which one sees how far the ink leans. A seven's bar leans its ink to the left.
_SHOWN = (0, 1, 2, 3, 6, 7)
_WIDTH, _HEIGHT = 760.0, 176.0


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    found = study(STUDY)
    assert found.gallery is not None
    blocks = range(1, found.n_blocks + 1)
    return {
        "digits": _digits(_clean(), "", labelled=True),
        "noisy": _digits(found.gallery.inputs, "The same digits with the noise that the networks see.", labelled=False),
        "pair": Interactive("dial", dial_data("How many blocks both share", [_pair(b) for b in (0, *blocks)], 1)),
        # It opens at the number of blocks of which the text speaks first.
        "pairs": Interactive(
            "dial", dial_data("How many blocks a pair shares", [_pairs(b) for b in blocks], len(blocks) - 1)
        ),
        "related": Interactive("dial", dial_data("Relatedness of two made-up tasks", [_level(r) for r in levels()])),
        "table": Rows(
            ("task", "arrow", "alone", "all shared", "change", "gain Δ"),
            [
                (
                    name, "↓" if lower else "↑", f"{alone:.4f}", f"{value:.4f}", percent(published()[name][0]),
                    percent(published()[name][0] * published()[name][1]),
                )
                for name, (alone, value, lower) in TABLE_2.items()
            ],
            "TreeMTL, Table 2, rows “Ind. Models” and “#0”, as published; the last two columns follow from them.",
        ),
    }  # fmt: skip


def _digits(pictures: NDArray[np.uint8], caption: str, *, labelled: bool) -> Still:
    """Return digits side by side, on a phone in two rows."""
    wide, narrow = (_rows_of_digits(pictures, n, labelled=labelled) for n in (len(_SHOWN), len(_SHOWN) // 2))
    return Still(wide, caption, narrow)


def _rows_of_digits(pictures: NDArray[np.uint8], n_columns: int, *, labelled: bool) -> str:
    """Return digits in rows, each pixel large and sharp, with their four answers below where wanted."""
    found = study(STUDY).gallery
    assert found is not None
    side, step, gap, body = 84.0, 105.0, 12.0, ""
    # The narrow drawing is that of a phone and of presenting, whose letters are larger.
    is_narrow = n_columns < len(_SHOWN)
    line_high = 20.0 if is_narrow else 18.0
    tall = side + (10.0 + 3 * line_high if labelled else 4.0) + gap
    words = [found.labels[name] for name in ("class", "parity", "thickness", "slant")]
    for place, number in enumerate(_SHOWN):
        x, y = step * (place % n_columns), tall * (place // n_columns)
        # As an attribute, not a style: pages without a server allow none.
        body += svg.tag(
            "image", x=x, y=y, width=side, height=side, image_rendering="pixelated", href=_url(pictures[number])
        )
        if labelled:
            digit, parity, thick, lean = (each[number] for each in words)
            thickness = f"{float(thick):.1f} {'px' if is_narrow else 'pixels'} thick"
            for line, text in enumerate((f"{digit}, {parity}", thickness, _lean(float(lean)))):
                body += svg.text(
                    x, y + side + 20 + line_high * line, text, size=13.5, font_weight=700 if line == 0 else ""
                )
    height = tall * math.ceil(len(_SHOWN) / n_columns) - gap
    label = f"Handwritten digits {', '.join(words[0][number] for number in _SHOWN)}"
    return svg.canvas(step * n_columns, height, body, label)


def _lean(degrees: float) -> str:
    shown = f"{degrees:+.0f}"
    return "upright, 0°" if float(shown) == 0 else f"{'right' if degrees > 0 else 'left'}, {minus(shown)}°"


def _clean() -> NDArray[np.uint8]:
    """Return the digits of the gallery without noise, ``[n, height, width, 3]``."""
    flat = np.asarray(Image.open(ASSETS / "lessons" / "digits.png").convert("RGB"))
    side = flat.shape[0]
    return np.stack([flat[:, side * n : side * (n + 1)] for n in range(flat.shape[1] // side)])


def _url(picture: NDArray[np.uint8]) -> str:
    png = io.BytesIO()
    # Enlarged here, too: not everything that shows the drawing keeps pixels sharp.
    Image.fromarray(picture.repeat(4, axis=0).repeat(4, axis=1)).save(png, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"


def _pair(shared: int) -> Stop:
    gains = [
        (name, pair(name, partner, shared) if shared else np.zeros(1)) for name, partner in ((ONE, OTHER), (OTHER, ONE))
    ]
    n_blocks = study(STUDY).n_blocks
    if not shared:
        title, sentence = "Two single-task networks", "Nothing is shared: this is what gains are measured against."
    else:
        title = f"They share {'the first block' if shared == 1 else f'the first {shared} blocks'} of {n_blocks}"
        sentence = " ".join(
            f"{name}: {percent(float(each.mean()))} (90 %: {interval_words(each)})." for name, each in gains
        )
    wide, narrow = (_bars(gains, (-55.0, 25.0), title, width) for width in (_WIDTH, svg.NARROW))
    return Stop(str(shared), title, wide, sentence, narrow)


def _level(relatedness: float) -> Stop:
    gains = [
        ("first block shared", related(relatedness, 1)),
        ("two blocks shared", related(relatedness, 2)),
        ("all three shared", related(relatedness, 3)),
    ]
    words = {0.0: "strangers", 1.0: "one and the same task"}.get(relatedness, f"correlation {relatedness:g}")
    title = f"Relatedness {relatedness:g}: {words}"
    every = related(relatedness, 3)
    sentence = (
        f"With all blocks shared the mean gain of both tasks is {percent(float(every.mean()))} "
        f"(90 %: {interval_words(every)})."
    )
    wide, narrow = (_bars(gains, (-30.0, 20.0), title, width) for width in (_WIDTH, svg.NARROW))
    return Stop(f"{relatedness:g}", title, wide, sentence, narrow)


def _pairs(shared: int) -> Stop:
    names = study(STUDY).task_names
    values = np.array([[np.nan if i == j else mean(i, j, shared) for j in names] for i in names])
    written = [["" if np.isnan(value) else percent(value) for value in row] for row in values]
    known = values[~np.isnan(values)]
    title = f"Gain of the row beside the column, {shared} shared block{'' if shared == 1 else 's'}"
    wide, narrow = (
        matrix_svg(values, names, names, written, title, domain=(0.0, 20.0), height=212.0, width=width)
        for width in (_WIDTH, svg.NARROW)
    )
    return Stop(
        str(shared),
        title,
        wide,
        f"{int((known > 0).sum())} of {len(known)} gains are above zero, {int((known < 0).sum())} below. Means of "
        f"{len(pair(ONE, OTHER, 1))} seeds, validation split.",
        narrow,
    )


def _bars(
    gains: Sequence[tuple[str, NDArray[np.float64]]], domain: tuple[float, float], label: str, width: float
) -> str:
    """Return bars from zero with 90 % intervals; green for a gain, orange for a loss."""
    low, high = domain
    is_narrow = width < _WIDTH
    left, right = (20 + 6.6 * max(len(name) for name, _ in gains), width - 64) if is_narrow else (150.0, width - 100)

    def place(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    row, body = 44.0, ""
    bottom = 14 + row * len(gains)
    for tick in svg.ticks(low, high, 3 if is_narrow else 6):
        body += svg.tag("line", x1=place(tick), x2=place(tick), y1=8, y2=bottom, stroke=svg.LINE)
        body += svg.text(place(tick), bottom + 18, percent(tick, 0), anchor="middle", fill=svg.MUTED, size=12.5)
    for number, (name, each) in enumerate(gains):
        value, y = float(each.mean()), 14 + row * number
        ends = t_interval(each.tolist())
        colour = svg.PRIMARY if value >= 0 else svg.task_colour(0)
        x, wide = min(place(0), place(value)), abs(place(value) - place(0))
        body += svg.text(left - 12, y + 24, name, anchor="end", size=14, font_weight=600)
        body += svg.tag("rect", x=x, y=y + 7, width=max(wide, 1), height=row - 20, rx=3, fill=colour, opacity="0.75")
        if ends:
            line = {"stroke": svg.TEXT, "stroke_width": 1.6}
            body += svg.tag("line", x1=place(ends[0]), x2=place(ends[1]), y1=y + 19, y2=y + 19, **line)
        body += svg.text(right + (6 if is_narrow else 14), y + 24, percent(value), size=15, font_weight=700)
    body += svg.tag("line", x1=place(0), x2=place(0), y1=4, y2=bottom, stroke=svg.TEXT, stroke_width=1.6)
    ends_at = (0.0, width) if is_narrow else (left, right)
    body += svg.text(ends_at[0], bottom + 38, "worse than alone", fill=svg.MUTED, size=12.5)
    body += svg.text(ends_at[1], bottom + 38, "better than alone", anchor="end", fill=svg.MUTED, size=12.5)
    return svg.canvas(width, max(_HEIGHT, bottom + 44), body, label)
