from xml.etree import ElementTree

import pytest

from app.compare.storage import measured_frame, storage_frame, storage_svg
from core.costs import Unit


def test_sizes_of_all_tasks_are_those_of_the_trained_networks_and_single_ones_grow_evenly(stored):
    curves = stored.plane.storage
    frame = storage_frame(curves, Unit.PARAMETERS)
    last = frame.columns[frame.columns.str.startswith("k = ")][-1]
    for curve, size in zip(curves, frame[last], strict=True):
        if curve.measured is not None:
            assert size == curve.measured.cost(stored.question, stored.unit)
    (single,) = [curve for curve in curves if curve.family == "single"]
    assert single.params == pytest.approx([k * single.params[0] for k in range(1, len(single.params) + 1)])


def test_what_is_saved_is_the_share_of_single_task_networks_that_is_not_stored(stored):
    curves, n_tasks = stored.plane.storage, len(stored.study.task_names)
    rows = measured_frame(curves, Unit.PARAMETERS).to_dict("records")
    assert rows
    for row in rows:
        assert row["k"] == n_tasks  # of fewer tasks nothing is trained in this study
        assert row["saved"] == pytest.approx(100 * (1 - row["stored"] / stored.comparison.independent))


def test_a_larger_size_stands_higher(stored):
    curves, tasks = stored.plane.storage, stored.study.task_names
    drawn = ElementTree.fromstring(storage_svg(curves, Unit.BYTES, tasks))
    lines = [next(each for each in node if each.get("fill") == "none").get("d")
             for node in drawn.iter() if node.get("class") == "curve"]  # fmt: skip
    heights = [float(line.rsplit(",", 1)[1]) for line in lines]
    sizes = [curve.params[-1] for curve in curves]
    assert [sizes.index(each) for each in sorted(sizes, reverse=True)] == [heights.index(y) for y in sorted(heights)]
