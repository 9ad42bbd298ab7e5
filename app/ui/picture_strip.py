"""Example images of a study side by side, and their labels."""

import io
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from app.ui.formatting import escape, minus
from core.data.gallery import NO_LABEL

_EXAMPLES = 6
_SIDE = 96
_GAP = 8


@st.cache_resource(max_entries=64, show_spinner=False)
def strip_png(pictures: NDArray[np.uint8]) -> bytes:
    """Return ``picture_strip`` as a PNG."""
    # Encoded once: Streamlit would encode an array in every run.
    png = io.BytesIO()
    Image.fromarray(picture_strip(pictures)).save(png, format="PNG")
    return png.getvalue()


def short_numbers(answer: str) -> str:
    """Return the numbers of a regression label with four significant digits, all digits of whole parts.

    >>> short_numbers("3.08972, –, 0.000123456, 123457"), short_numbers("-1234.57"), short_numbers("1.23457e+07")
    ('3.09, –, 0.0001235, 123457', '−1235', '1.235e+07')
    """
    return ", ".join(_short(part) for part in answer.split(", "))


def answer_words(answers: Sequence[str]) -> str:
    """Return the labels of the shown examples, in their order, and what a dash among them means.

    >>> answer_words(["8", "7", "*", "–", "1", "2", "of the seventh"])
    '8 · 7 · \\\\* · – · 1 · 2 (–: no label)'
    """
    shown = answers[:_EXAMPLES]
    return " · ".join(map(escape, shown)) + (
        f" ({NO_LABEL}: no label)" if NO_LABEL in ", ".join(shown).split(", ") else ""
    )


def picture_strip(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images side by side, enlarged without blur, on transparent background.

    Args:
        pictures: ``[n, height, width, 3]``.

    Returns:
        ``[side, n · (side + gap) − gap, 4]``.
    """
    shown = pictures[:_EXAMPLES]
    n, height, width, _ = shown.shape
    factor = max(1, round(2 * _SIDE / max(height, width)))
    large = shown.repeat(factor, axis=1).repeat(factor, axis=2)
    gap = 2 * _GAP
    strip = np.zeros((height * factor, n * (width * factor + gap) - gap, 4), dtype=np.uint8)
    for place, picture in enumerate(large):
        left = place * (width * factor + gap)
        strip[:, left : left + width * factor, :3] = picture
        strip[:, left : left + width * factor, 3] = 255
    return strip


def _short(word: str) -> str:
    try:
        value = float(word)
    except ValueError:
        return word
    return minus(f"{value:.0f}" if abs(value) >= 1000 and "e" not in word else f"{value:.4g}")
