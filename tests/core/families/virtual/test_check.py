"""What a study of deep virtual networks is told before it trains anything."""

import pytest

from core.errors import BackboneError, DataError, FamilyError
from core.studies.specification import parse_study
from core.training.prepare_study import prepare_study
from tests.core.families.virtual.study import TEXT, study_of


def prepared(text, more):
    said = []
    prepare_study(study_of(more, text), warn=said.append)
    return [sentence for sentence in said if "[virtual]" in sentence]


def test_units_have_to_divide_every_width():
    with pytest.raises(FamilyError, match=r'^Study "small", \[virtual\]: The layer "0\.0" has 2 channels, and 3 units'):
        prepared(TEXT, "units = 3\n")
    assert prepared(TEXT, "units = 2\n") == []


def test_common_channels_have_to_be_whole():
    with pytest.raises(FamilyError, match=r"2 units, 0\.5 of them common, need a multiple of 4"):
        prepared(TEXT, "units = 2\nbase = 0.5\n")


def test_a_backbone_has_to_consist_of_plain_layers():
    text = TEXT.replace("width = 2", 'name = "torchvision:mobilenet_v2"\nblocks = 3')
    with pytest.raises(FamilyError, match=r'^Study "small", \[virtual\]: The layer ".*" is a Conv2d with \d+ groups'):
        prepared(text, "units = 2\n")


def test_a_backbone_that_cant_be_made_is_named_with_the_study():
    with pytest.raises(BackboneError, match=r'^Study "small", \[virtual\]: 9 blocks can\'t be merged to 10'):
        prepared(TEXT.replace("width = 2", 'name = "torchvision:resnet18"\nblocks = 10'), "units = 2\n")


def test_pictures_that_a_sequence_sees_twice_are_a_doubt():
    more = 'units = 2\n[[virtual.networks]]\ntraining = "sequence"\n'
    (sentence,) = prepared(TEXT, more)
    assert sentence.startswith('Study "small", [virtual]: 64 training pictures are labelled for both "task A" and')
    assert prepared(TEXT, "units = 2\n") == []
    parts = TEXT.replace('name = "planted"\ntree = "0,1 | 0,1 | 0,1 | 0;1 | 0;1"\nn_train = 64', 'name = "digits"')
    parts = parts.replace('"task A", "task B"', '"low digits", "high digits"')
    parts = "\n".join(line for line in parts.splitlines() if not line.startswith(("n_validation", "n_test"))) + "\n"
    assert prepared(parts, more) == []


SEVERAL = """\
name = "apart"
[dataset]
name = "several"
size = 16
[[dataset.sets]]
name = "far"
task = "depth"
dataset = { n_train = 40, n_validation = 8, n_test = 8, size = 24 }
[[dataset.sets]]
name = "digits"
task = "class"
dataset = { name = "digits", size = 24, n_train = 60, validation = 0.02, test = 0.02 }
[backbone]
width = 2
[virtual]
units = 2
"""


def test_maps_of_another_size_are_refused():
    with pytest.raises(DataError, match="target for each pixel"):
        prepare_study(parse_study(SEVERAL))
    prepare_study(parse_study(SEVERAL.replace("n_test = 8, size = 24", "n_test = 8, size = 16")))
