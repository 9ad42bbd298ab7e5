"""The median of pieces is that of all values at once, to the last bit."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.training.median import Kept, median

PIECES = st.lists(st.lists(st.floats(width=32, allow_nan=False), max_size=5), min_size=2, max_size=5)


@given(PIECES)
def test_of_pieces_it_is_the_one_of_all_values(pieces):
    tensors = [torch.tensor(values, dtype=torch.float32) for values in pieces]
    found = median(tensors.__getitem__, len(tensors))
    values = torch.cat(tensors)
    assert found == float(values.median()) if len(values) else math.isnan(found)


def test_a_value_that_is_no_number_is_seen():
    tensors = [torch.tensor([1.0, 2.0]), torch.tensor([float("nan")])]
    assert math.isnan(median(tensors.__getitem__, 2))


@pytest.mark.parametrize("n_pieces", [1, 2, 7])
def test_what_is_kept_as_it_is_or_in_a_file_has_the_same(monkeypatch, tmp_path, n_pieces):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    values, kept = torch.randn(1001, generator=torch.Generator().manual_seed(0)), Kept()
    for piece in values.chunk(n_pieces):
        kept.add(piece)
    assert kept.median() == float(values.median())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert math.isnan(Kept().median())
