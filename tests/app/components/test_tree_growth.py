import json

import pytest

from app.components.tree_growth import growth_data
from app.storage.deployment_steps import deployment_steps
from app.storage.growth_steps import training_steps
from app.storage.tree_sizes import branch_names
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone


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
