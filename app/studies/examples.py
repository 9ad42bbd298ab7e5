"""Examples of a data set: a row per target, so that no name is cut off."""

import base64
import io

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from app.ui.formatting import escape
from core.studies.study import Gallery

# As ``core.data.gallery`` writes it.
NO_LABEL = "–"

# So many stand beside the longest usual names in the narrowest column.
N_EXAMPLES = 3
_SIDE = 48
_ROW = 60
_LINE = 24
_MOST_HEIGHT = 480
_PICTURE = "picture"


def show_examples(gallery: Gallery) -> None:
    """Show some images of a data set with the target of each task; many tasks scroll."""
    high = _ROW * (1 + len(gallery.targets)) + _LINE * len(gallery.labels) > _MOST_HEIGHT
    with st.container(height=_MOST_HEIGHT if high else "content", border=False):
        # Columns of images alone: a browser would shrink some of them for the words of others.
        st.table(
            picture_table(gallery), hide_index=True, hide_header=True, border="horizontal",
            alt="Example images with the target image of each task",
        )  # fmt: skip
        if gallery.labels:
            st.caption("  \n".join(label_lines(gallery)))
            if any(NO_LABEL in labels[:N_EXAMPLES] for labels in gallery.labels.values()):
                st.caption(
                    f"{NO_LABEL}: the example has no label for this task, so it is neither trained nor tested on it."
                )


def picture_table(gallery: Gallery) -> dict[str, list[str]]:
    """Return names of images, then one column per example, as Markdown."""
    names = [escape(name) for name in (_PICTURE, *gallery.targets)]
    table = {"": names}
    for place in range(min(N_EXAMPLES, len(gallery.inputs))):
        pictures = [gallery.inputs[place], *(targets[place] for targets in gallery.targets.values())]
        table[str(place + 1)] = [
            f"![{name}, example {place + 1}]({_url(picture)})" for name, picture in zip(names, pictures, strict=True)
        ]
    return table


def label_lines(gallery: Gallery) -> list[str]:
    """Return a line per task with labels: its name, and the labels of the examples in their order, as Markdown."""
    return [
        f"**{escape(name)}** {' · '.join(escape(label) for label in labels[:N_EXAMPLES])}"
        for name, labels in gallery.labels.items()
    ]


def _url(picture: NDArray[np.uint8]) -> str:
    factor = max(1, round(_SIDE / max(picture.shape[:2])))
    # Enlarged here: a browser would blur the few pixels there are.
    image = Image.fromarray(picture.repeat(factor, axis=0).repeat(factor, axis=1))
    image.thumbnail((_SIDE, _SIDE))
    png = io.BytesIO()
    image.save(png, format="PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
