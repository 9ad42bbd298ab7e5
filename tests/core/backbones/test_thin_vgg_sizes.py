"""The sizes that the paper prints for its thin VGG-16; benchmarks/thin_vgg.py prints which trees have them."""

import importlib.util
import itertools
import sys
from pathlib import Path

import pytest

from core.backbones import load_backbone
from core.costs import Unit, block_costs, layout_cost
from core.layouts import Layout


@pytest.fixture(scope="module")
def script():
    path = Path(__file__).parents[3] / "benchmarks" / "thin_vgg.py"
    spec = importlib.util.spec_from_file_location("thin_vgg_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def tree_of(counts, n_tasks):
    """A tree with so many groups at each block: task t > 0 leaves the first group once there are t + 1 groups."""
    return Layout.of([[(0, *range(groups, n_tasks)), *((task,) for task in range(1, groups))] for groups in counts])


def test_there_are_trees_with_both_sizes_and_these_can_be_built(script):
    backbones = {width: load_backbone(f"thin_vgg16_{width}") for width in script.PRINTED}
    sizes = {width: script.Sizes.of(each) for width, each in backbones.items()}
    found = list(script.fitting(sizes))
    assert found
    for each in (found[0], found[len(found) // 2], found[-1]):
        # Twelve rising numbers from the first to those of fc6 with the sum that is asked for.
        span, rest = each.flat - each.first, each.convolutions - 12 * each.first
        full, part = divmod(rest, span) if span else (0, 0)
        middle = [each.first] * (12 - full - (part > 0)) + [each.first + part] * (part > 0) + [each.flat] * full
        layout = tree_of([each.first, *middle, each.flat, each.last], script.ATTRIBUTES)
        for width, printed in script.PRINTED.items():
            heads = script.ATTRIBUTES * (2 * width + 1)
            whole = layout_cost(layout, block_costs(backbones[width], Unit.PARAMETERS)) + heads
            assert whole == sizes[width].total(each)
            assert round(whole / 1e6, 2) == printed


def test_the_numbers_of_groups_are_those_that_trying_all_gives(script, monkeypatch):
    sizes = {3: script.Sizes(2, 5, 3, 11, 3, 4), 5: script.Sizes(3, 9, 3, 20, 6, 8)}
    monkeypatch.setattr(script, "PRINTED", {3: 60e-6, 5: 108e-6})
    monkeypatch.setattr(script, "ROUNDING", 6)
    plain = [
        counts for counts in itertools.combinations_with_replacement(range(1, 5), 6)
        if all(
            -6 <= own.total(script.Groups(counts[0], sum(counts[1:4]), *counts[4:])) - script.PRINTED[width] * 1e6 < 6
            for width, own in sizes.items()
        )
    ]  # fmt: skip
    found = list(script.fitting(sizes, 4))
    assert plain
    assert {(each.first, each.convolutions, each.flat, each.last) for each in found} == {
        (counts[0], sum(counts[1:4]), *counts[4:]) for counts in plain
    }
    assert sum(script.sequences(each, 3) for each in found) == len(plain)
