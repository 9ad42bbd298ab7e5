import pytest
import torch

from core.data import store
from core.data.federated import Length
from core.errors import DataError
from core.studies.dataset_specification import DigitsSpecification, ScenesSpecification
from core.training.federated import FederatedLoader, Member, resized
from core.training.tensors import Tensors

CPU = torch.device("cpu")


def numbered(n: int, size: int = 4, channels: int = 3, first: int = 0) -> Tensors:
    """Give samples whose pictures and targets are their row numbers."""
    rows = torch.arange(first, first + n)
    pictures = rows.float()[:, None, None, None].expand(n, size, size, channels).contiguous()
    return Tensors(pictures, (rows,), (True,))


def test_pictures_and_targets_of_a_batch_belong_together():
    loader = FederatedLoader([numbered(10), numbered(4, first=100), numbered(7, first=200)], 8, seed=1)
    assert len(loader) == 4
    seen: list[list[int]] = [[], [], []]
    for batch in loader.epoch(0):
        assert [len(pictures) for pictures, _ in batch] == [3, 3, 2]
        for place, (pictures, (targets,)) in enumerate(batch):
            assert pictures.shape[1:] == (3, 4, 4)
            assert torch.equal(pictures[:, 0, 0, 0].long(), targets)
            seen[place] += targets.tolist()
    assert [set(found) for found in seen] == [set(range(10)), set(range(100, 104)), set(range(200, 207))]


def test_progress_and_going_on():
    told, loader = [], FederatedLoader([numbered(10), numbered(9)], 4)
    whole = [batch[0][1][0].tolist() for batch in loader.epoch(2)]
    rest = [batch[0][1][0].tolist() for batch in loader.epoch(2, start=3, progress=lambda *at: told.append(at))]
    assert rest == whole[3:]
    assert told == [(4, 5), (5, 5)]


def test_by_the_letter_of_the_paper_a_set_may_run_out():
    loader = FederatedLoader([numbered(12), numbered(3)], 6, length=Length.PAPER)
    assert [[len(pictures) for pictures, _ in batch] for batch in loader.epoch(0)] == [[3, 3], [3, 0]]


def test_members_come_at_one_size_with_targets_of_their_own(tmp_path):
    digits = store.load(DigitsSpecification(name="digits", size=16, n_train=40), folder=tmp_path)
    scenes = store.load(ScenesSpecification(n_train=8, n_validation=4, n_test=4, size=24), folder=tmp_path)
    members = [Member.of("digits", digits, "class"), Member.of("far", scenes, "depth")]
    found = [member.tensors("validation", (20, 20), CPU) for member in members]
    assert [tuple(data.pictures.shape[1:]) for data in found] == [(20, 20, 3)] * 2
    assert found[1].targets[0].shape[1:] == (1, 24, 24)
    assert len(found[0]) == len(digits.validation)
    FederatedLoader(found, 6)
    with pytest.raises(DataError, match="no task"):
        Member.of("digits", digits, "depth")


def test_resizing_keeps_what_fits_and_an_even_picture_even():
    pictures = torch.full((2, 8, 8, 3), 0.5)
    assert resized(pictures, (8, 8)) is pictures
    for size in ((4, 6), (16, 12)):
        found = resized(pictures, size)
        assert found.shape == (2, *size, 3)
        torch.testing.assert_close(found, torch.full_like(found, 0.5))


@pytest.mark.parametrize(
    ("sets", "part"),
    [
        ([numbered(3), numbered(3, channels=1)], "one number of channels"),
        ([numbered(3), numbered(3, size=5)], "one number of pixels"),
        ([numbered(3), numbered(0)], "Data set 2 of 2 is empty"),
        ([numbered(3)] * 9, "at least 9"),
        ([], "at least one data set"),
    ],
)
def test_sets_that_make_no_batch_are_one_sentence(sets, part):
    with pytest.raises(DataError, match=part):
        FederatedLoader(sets, 8)


def test_the_error_names_the_data_sets():
    with pytest.raises(DataError, match="leaves has pictures of 4×4 with 1 channel"):
        FederatedLoader([numbered(3), numbered(3, channels=1)], 8, names=("digits", "leaves"))
