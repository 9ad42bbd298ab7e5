import numpy as np
import pytest

from app.studies.examples import N_EXAMPLES, label_lines, picture_table
from core.studies.study import Gallery

PICTURES = np.arange(4 * 5 * 7 * 3, dtype=np.uint8).reshape(4, 5, 7, 3)


def test_every_image_target_is_a_row_and_every_example_a_column():
    table = picture_table(Gallery(PICTURES, {"depth": PICTURES}, {"largest": ("box",) * 4}))
    names, *columns = table.values()
    assert names == ["picture", "depth"]
    assert len(columns) == N_EXAMPLES
    assert all(cell.startswith("![") for column in columns for cell in column)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_examples_are_few_columns(n):
    gallery = Gallery(PICTURES[:n], {"depth": PICTURES[:n]}, {"largest": ("box",) * n})
    assert len(picture_table(gallery)) == 1 + n
    assert label_lines(gallery)[0].count("box") == n


def test_names_and_labels_are_text_and_a_task_may_be_called_as_the_picture():
    gallery = Gallery(PICTURES, {"picture": PICTURES}, {"[x](y)": ("*a*", "b", "c", "d")})
    assert picture_table(gallery)[""] == ["picture", "picture"]
    assert label_lines(gallery) == [r"**\[x\]\(y\)** \*a\* · b · c"]


def test_a_large_picture_is_made_smaller():
    large, small = np.zeros((3, 900, 300, 3), np.uint8), np.zeros((3, 8, 8, 3), np.uint8)
    assert all(len(picture_table(Gallery(each, {}))["1"][0]) < 2000 for each in (large, small))
