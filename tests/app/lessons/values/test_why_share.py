"""What the first lesson says in words is true of its study, and its pictures lean as their labels say."""

import numpy as np

from app.lessons.bundled import study
from app.lessons.figures.why_share import _SHOWN, _clean, _lean, figures
from app.lessons.values.why_share import ONE, OTHER, STUDY, best_partner, mean, partners


def test_who_helps_depends_on_how_many_blocks_are_shared():
    n_blocks = study(STUDY).n_blocks
    last = {partner: mean(OTHER, partner, n_blocks) for partner in partners(OTHER)}
    assert [partner for partner, gain in last.items() if gain > 0] == [best_partner(OTHER, n_blocks)]
    assert best_partner(OTHER, 1) == min(last, key=last.__getitem__)
    # Not mutual: one cell above zero, its mirror image below.
    assert mean(ONE, OTHER, n_blocks) > 0 > mean(OTHER, ONE, n_blocks)


def test_the_table_of_pairs_opens_at_the_blocks_that_the_text_begins_with():
    shown = figures()["pairs"].data
    assert shown["stops"][shown["at"]]["name"] == str(study(STUDY).n_blocks)


def test_a_sheared_digit_leans_to_the_side_that_is_written_below_it():
    # What is above is further to the right where a digit leans to the right: the labels agree with the ink's moments.
    leans = study(STUDY).gallery.labels["slant"]
    for number in _SHOWN:
        ink = _clean()[number][..., 0].astype(float)
        y, x = np.indices(ink.shape)
        down, across = y - np.average(y, weights=ink), x - np.average(x, weights=ink)
        degrees = np.degrees(np.arctan(-(ink * down * across).sum() / (ink * down**2).sum()))
        assert abs(degrees - float(leans[number])) < 1
        assert _lean(float(leans[number])).startswith(
            "right" if degrees >= 0.5 else "left" if degrees <= -0.5 else "up"
        )
