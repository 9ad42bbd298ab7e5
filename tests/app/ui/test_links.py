from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.links import MAX_CODE, layout_code, layout_from_code
from core.errors import LayoutError
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts, sample_layouts


def drawn(n_tasks, n_blocks, seed):
    return sample_layouts(n_tasks, n_blocks, 1, np.random.default_rng(seed))[0]


layouts = st.builds(drawn, st.integers(2, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
# Marks of our own codes, so that random text often comes close to one.
codes = st.one_of(st.text(), st.text("0123456789!:._-~ ", max_size=40), st.text("012!:._", max_size=24))


@given(layouts)
def test_a_layout_survives_its_code(layout):
    assert layout_from_code(layout_code(layout), layout.n_tasks, layout.n_blocks) == layout


@given(layouts)
def test_a_code_needs_no_escaping_in_an_address_and_no_mark_of_the_pin_list(layout):
    code = layout_code(layout)
    assert quote(code, safe="!:._") == code
    assert "~" not in code


@pytest.mark.parametrize("size", [(40, 8), (40, 64), (2, 64)])
def test_the_largest_studies_fit_the_limit(size):
    for layout in [*sample_layouts(*size, 5, np.random.default_rng(0)), Layout.all_split(*size)]:
        assert len(layout_code(layout)) <= MAX_CODE
        assert layout_from_code(layout_code(layout), *size) == layout


def test_every_layout_has_a_code_of_its_own():
    every = list(enumerate_layouts(4, 3))
    assert len({layout_code(layout) for layout in every}) == len(every)


def read(text, n_tasks, n_blocks):
    """Give the layout or the sentence of its fault."""
    try:
        return layout_from_code(text, n_tasks, n_blocks), ""
    except LayoutError as fault:
        return None, str(fault)


@given(codes, st.integers(2, 4), st.integers(1, 4))
def test_any_other_text_is_refused_in_one_sentence(text, n_tasks, n_blocks):
    layout, sentence = read(text, n_tasks, n_blocks)
    assert sentence.endswith(".") or (layout.n_tasks, layout.n_blocks) == (n_tasks, n_blocks)
    assert len(sentence) < 300


@pytest.mark.parametrize(
    "code",
    [
        "", "5", "5!", "5!1:0.1.2", "5!0:0.1.2!9:0_1_2", "5!0:0.1!2:0_1", "4!0:0.1.2", "5!0:0.1.2!-1:0_1_2",
        "5!0:0_1_2!2:0.1.2", "5!0:0.0.1", "5!0:0.1.3", "5!0:0.1.2:3", "x" * (MAX_CODE + 1),
        "5!0:" + ".".join(["0"] * 2000), "9" * 5000 + "!0:0.1.2", "5!0:" + "9" * 4000,
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_code_says_so_briefly(code):
    with pytest.raises(LayoutError) as fault:
        layout_from_code(code, 3, 5)
    assert len(str(fault.value)) < 300
