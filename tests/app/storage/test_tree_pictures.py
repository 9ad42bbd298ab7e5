from xml.etree import ElementTree

import pytest

from app.storage.deployment_picture import deployment_svg
from app.storage.deployment_steps import deployment_steps
from app.storage.growth_steps import training_steps
from app.storage.training_picture import training_svg
from app.storage.tree_drawing import DrawnTree
from app.storage.tree_sizes import branch_names
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone

SVG = "{http://www.w3.org/2000/svg}"
# Backbone, cut and number of branches: both ends of each, and names that are no markup.
CASES = [("mobilenet_v2", 28, 5), ("mobilenet_v2", 0, 1), ("resnet18", 9, 2), ("resnet18", 8, 12), ("maxvit_t", 3, 40)]


def drawn(name, cut, k):
    case, names = CutBackbone(load_backbone(name), cut, k), branch_names(("<b>night</b>", "R&D"), k)
    tree = DrawnTree(case, names)
    training = [training_svg(tree, step) for step in training_steps(case, names)]
    steps = deployment_steps(case, names)
    return training, [deployment_svg(tree, step, first_read=place == 1) for place, step in enumerate(steps)]


def texts(root):
    return [node.text for node in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("case", CASES)
def test_every_step_is_drawn_inside_its_canvas_and_described(case):
    for pictures in drawn(*case):
        roots = [ElementTree.fromstring(each) for each in pictures]
        # Nothing jumps from step to step.
        assert len({root.get("viewBox") for root in roots}) == 1
        width, height = map(float, roots[0].get("viewBox").split()[2:])
        for root in roots:
            assert root.get("aria-label")
            assert any("<b>night</b>" in words for words in texts(root))
            for rect in root.iter(f"{SVG}rect"):
                x, y = float(rect.get("x", 0)), float(rect.get("y", 0))
                assert -0.5 <= x <= x + float(rect.get("width")) <= width + 0.5
                assert -0.5 <= y <= y + float(rect.get("height")) <= height + 0.5


def test_the_training_says_who_learns_in_words_and_not_only_in_colour():
    training, _ = drawn("mobilenet_v2", 28, 5)
    backward = ElementTree.fromstring(training[3])
    assert "trunk 5.35 MB training" in backward.get("aria-label")
    assert sum("training" in words for words in texts(backward)) == 6
    frozen = ElementTree.fromstring(training[4])
    assert "frozen" in texts(frozen)


def test_the_rows_of_a_batch_carry_the_numbers_of_their_data_sets():
    training, _ = drawn("mobilenet_v2", 28, 5)
    numbers = [words for words in texts(ElementTree.fromstring(training[1])) if words.isdigit()]
    assert set(numbers) == {"1", "2", "3", "4", "5"}


def test_the_deployment_marks_what_is_read_on_both_sides():
    _, deployment = drawn("mobilenet_v2", 28, 5)
    marks = [texts(ElementTree.fromstring(each)).count("◂ read") for each in deployment]
    # First trunk and branch here, one network there; then a branch against a network; nothing where nothing is read.
    assert marks == [0, 3, 0, 0, 2, 2, 2, 0]
    assert "Dedicated networks: Memory 8.9 MB" in ElementTree.fromstring(deployment[1]).get("aria-label")
