"""Pretrained weights in a study: their hash is part of keys, where they lie is not."""

import pytest

from core.errors import StudyError
from core.families.single.runs import single_run
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from core.studies.study_rows import other_networks

STUDY = 'name = "mine"\ntasks = ["depth", "edges"]\n'


def study(weights, top=""):
    return parse_study(f"{STUDY}[backbone]\n{top}\n[backbone.weights]\n{weights}\n")


def key(found):
    return single_run(found, 0, 0).key


def test_the_hash_counts_and_the_path_does_not():
    one, other = (study(f'file = "{name}"\nfingerprint = "{"a" * 64}"') for name in ("a.pt", "b.pt"))
    changed = study(f'file = "a.pt"\nfingerprint = "{"b" * 64}"')
    assert key(one) == key(other) != key(changed)
    assert len({key(each) for each in (one, study("file = 'a.pt'"), parse_study(STUDY))}) == 3
    assert not other_networks(one, other)
    frozen = study(f'file = "a.pt"\nfreeze = 1\nfingerprint = "{"a" * 64}"')
    assert key(frozen) != key(one)
    assert parse_study(write_study(frozen)) == frozen


@pytest.mark.parametrize(
    ("weights", "top", "words"),
    [
        ("", "", "a file or from a zoo"),
        ('file = "a.pt"\nzoo = "V1"', "", "a file or from a zoo"),
        ('zoo = "V1"', "", "no published weights"),
        ('file = "a.pt"\nfreeze = 6', "", "at most all of them"),
        ('file = "a.pt"\nfreeze = 5\nrate = 0.5', "", "does nothing"),
        ('file = "a.pt"\nrate = 2.0', "", "rate"),
        ('file = "a.pt"\nrate = 0', "", "rate"),
        ('zoo = "../../x"', 'name = "torchvision:resnet18"', "letters"),
        ('file = "a.pt"\nfreeze = 1\n[rivals]', "", "published methods"),
        ('file = "a.pt"\nrate = 0.5\n[virtual]', "", "deep virtual networks"),
    ],
)
def test_what_can_not_be_or_would_do_nothing_is_refused(weights, top, words):
    with pytest.raises(StudyError, match=words):
        study(weights, top)
