"""What a study is about: its data with examples, its tasks with their baselines, its network."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.families.treednn.data_sets import own_examples
from app.report.model import Paragraph, Part, Section, Strip, Strips, Table, plain
from app.ui.formatting import amount, count, shape_words
from app.ui.picture_strip import answer_words, short_numbers
from app.ui.study_summary import sizes_words, tasks_frame
from core.costs import Unit
from core.studies.split_size import split_size
from core.studies.study import SPLITS, Gallery, Study
from core.tasks import Kind

_EXAMPLES = 6
_SIDE = 96  # pixels of a picture in the file at most; a browser enlarges it
_MOST_BLOCKS = 60
_ZERO = 1e-5


def data_section(study: Study) -> Section:
    """Return what a study is about."""
    parts: list[Part] = []
    if study.description:
        parts.append(Paragraph(study.description))
    if said := _splits(study):
        parts.append(Paragraph(said))
    if study.gallery is not None:
        own = () if study.shares_inputs else study.task_names
        parts.append(Strips(tuple(_own_strips(study, study.gallery) if own else _strips(study, study.gallery))))
    if study.tasks:
        parts.append(_tasks_table(study))
    parts.append(_blocks_table(study))
    return Section("data", "Data, tasks and network", tuple(parts))


def _splits(study: Study) -> str:
    """Return what each split is used for, and how large it is as far as the study says."""
    if study.specification is None:
        return "The two-task table was imported: it does not say on which data it was measured."
    dataset = study.specification.dataset
    sizes = [split_size(dataset, split) for split in ("train", *SPLITS)]
    known = [count(size.most) for size in sizes if size.least == size.most]
    words = f" ({', '.join(known)} examples)" if len(known) == len(sizes) and study.shares_inputs else ""
    return (
        f"Three splits{words}: networks learn on training data; tables and choices use the validation split; gains "
        "called measured are of the test split."
    )


def _strips(study: Study, gallery: Gallery) -> list[Strip]:
    rows = [_strip("Input", "network input", gallery.inputs, "Example inputs")]
    for task in study.tasks:
        pictures, answers = gallery.targets.get(task.name), gallery.labels.get(task.name, ())
        if task.kind is Kind.REGRESSION:
            answers = tuple(short_numbers(answer) for answer in answers)
        is_drawn = pictures is not None and len(pictures) > 0
        words = [str(task.kind), "" if is_drawn else plain(answer_words(answers))]
        remark = ": ".join(filter(None, words))
        if is_drawn and pictures is not None:
            rows.append(_strip(task.name, remark, pictures, f"Targets of {task.name}"))
        else:
            rows.append(Strip(task.name, remark))
    return rows


def _own_strips(study: Study, gallery: Gallery) -> list[Strip]:
    """Return the examples of tasks that have pictures of their own each."""
    rows = []
    for name in study.task_names:
        own = list(own_examples(gallery, name)[:_EXAMPLES])
        if own:
            answers = plain(answer_words([gallery.labels[name][place] for place in own]))
            rows.append(_strip(name, f"labels: {answers}", gallery.inputs[own], f"Example images of {name}"))
    return rows or [_strip("Input", "network input", gallery.inputs, "Example inputs")]


def _strip(name: str, remark: str, pictures: NDArray[np.uint8], alt: str) -> Strip:
    return Strip(name, remark, strip_png(pictures), alt, min(_EXAMPLES, len(pictures)))


def strip_png(pictures: NDArray[np.uint8]) -> bytes:
    """Return images side by side as a PNG, small ones as they are.

    Args:
        pictures: ``[n, height, width, 3]``.
    """
    shown = pictures[:_EXAMPLES]
    _, height, width, _ = shown.shape
    times = max(1, math.ceil(max(height, width) / _SIDE))
    small = shown[:, ::times, ::times]
    n, height, width, _ = small.shape
    gap = max(1, width // 16)
    whole = np.zeros((height, n * (width + gap) - gap, 4), dtype=np.uint8)
    for place, picture in enumerate(small):
        left = place * (width + gap)
        whole[:, left : left + width, :3], whole[:, left : left + width, 3] = picture, 255
    png = io.BytesIO()
    Image.fromarray(whole).save(png, format="PNG", optimize=True)
    return png.getvalue()


def _tasks_table(study: Study) -> Table:
    frame = tasks_frame(study).astype(object)
    titles = {
        "task": "task", "kind": "kind", "metric": "metric", "better": "better", "baseline, validation": "validation",
        "baseline, test": "test", "constant answer, test": "constant answer, test",
    }  # fmt: skip
    known = {column: title for column, title in titles.items() if column in frame and frame[column].notna().any()}
    frame["metric"] = [
        f"{metric}, {unit}" if isinstance(unit, str) and unit else metric
        for metric, unit in zip(frame["metric"], frame["unit"], strict=True)
    ]
    rows = [tuple(_cell(row.get(column)) for column in known) for row in frame.to_dict("records")]
    what = "Single-task networks, mean over seeds" if "baseline, test" in known else "Tasks"
    compared = "; beside them what a constant answer reaches" if "constant answer, test" in known else ""
    return Table(f"{what}{compared}", tuple(known.values()), tuple(rows), frozenset({0, 1, 2, 3}))


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if not isinstance(value, float):
        return str(value)
    # The R² of a constant is 0 but for rounding.
    return f"{value:.4g}".replace("-", "−") if abs(value) >= _ZERO else "0"


def _blocks_table(study: Study) -> Table:
    backbone = study.backbone
    rows = [
        (
            str(number + 1),
            block.name,
            amount(block.params, Unit.PARAMETERS),
            amount(block.macs, Unit.MACS) if block.macs else "–",
            shape_words(block.output_shape),
        )
        for number, block in enumerate(backbone.blocks[:_MOST_BLOCKS])
    ]
    left = backbone.n_blocks - len(rows)
    more = f"; the last {left} of {backbone.n_blocks} are left out" if left else ""
    return Table(
        f"Blocks of {backbone.name}, {sizes_words(study)}, without heads{more}",
        ("block", "name", "parameters", "MACs", "output"),
        tuple(rows),
        frozenset({0, 1}),
    )
