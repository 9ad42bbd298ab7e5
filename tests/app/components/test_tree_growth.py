import json

import pytest

from app.components.source import source
from app.components.tree_growth import WORDS, growth_data
from app.storage.deployment_steps import deployment_steps
from app.storage.growth_steps import Weights, training_steps
from app.storage.tree_sizes import branch_names
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone

SCRIPTS = ("tree_growth.js", "tree_pieces.js", "tree_training.js", "tree_deployment.js", "picture_file.js")


def sent(steps_of, k=5, cut=28):
    case, names = CutBackbone(load_backbone("mobilenet_v2"), cut, k), branch_names((), k)
    return growth_data(case, names, steps_of(case, names), step=2, title="T", note="n", filename="f")


@pytest.mark.parametrize(("steps_of", "kind"), [(training_steps, "training"), (deployment_steps, "deployment")])
def test_what_is_sent_is_plain_data_with_the_blocks_as_they_are(steps_of, kind):
    data = sent(steps_of)
    assert len(json.loads(json.dumps(data))["steps"]) == len(data["steps"]) > 5
    params = [block.params for block in load_backbone("mobilenet_v2").blocks]
    assert (data["trunk"], data["branch"]) == (params[:28], params[28:])
    assert (data["picture"], data["step"]) == (kind, 2)
    assert data["labels"]["branchSize"] == "3.54 MB"


def test_accounts_are_sent_as_they_are_read():
    step = sent(deployment_steps)["steps"][1]
    assert step["tree"] == {"memory": "8.9 MB", "read": "8.9 MB", "total": "8.9 MB"}


def test_drawings_are_made_anew_when_the_cut_or_the_names_change():
    assert sent(training_steps)["stamp"] != sent(training_steps, cut=27)["stamp"] != sent(training_steps, k=4)["stamp"]


def test_every_state_of_the_weights_has_a_word_and_a_style():
    assert set(WORDS["states"]) == {str(each) for each in Weights}
    styles = source("tree_training.js").split("const STYLES = {")[1].split("};")[0]
    assert all(f"{each}:" in styles or f'"{each}":' in styles for each in Weights)


def test_the_script_is_one_with_its_parts_and_asks_for_words_that_are_sent():
    script = source(*SCRIPTS)
    assert script.count("function paintNames") == 1
    assert script.count("export default function") == 1
    names = [line.split("(")[0] for line in script.splitlines() if line.startswith(("function ", "const "))]
    assert len(names) == len(set(names))
    asked = {word for word in WORDS if f"words.{word}" in script or f'"{word}"' in script}
    assert asked == set(WORDS)


@pytest.mark.parametrize("name", ["tree_growth.html", "tree_growth.css", *SCRIPTS])
def test_names_are_never_markup_and_nothing_is_loaded(name):
    text = source(name).replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "@import" not in text
    assert "innerHTML" not in text


def test_nothing_moves_where_less_movement_is_asked_for():
    script = source("tree_growth.js")
    assert "prefers-reduced-motion" in script
    assert "autoplay" not in script
