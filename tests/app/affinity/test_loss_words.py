import numpy as np

from app.affinity.loss_words import distinct_losses, lowest_cells


def test_what_is_underlined_never_reads_like_what_is_not():
    rng = np.random.default_rng(0)
    for _ in range(200):
        losses = rng.lognormal(-6, 6, (4, 3)).astype(np.float32).astype(float)
        losses[1] = losses[0] * (1 + rng.choice([0.0, 1e-4, 1e-2], 3))
        words, marked = np.array(distinct_losses(losses)), set(lowest_cells(losses))
        for column in range(3):
            lowest = {words[r, c] for r, c in marked if c == column}
            assert len(lowest) == 1
            assert not lowest & {words[r, column] for r in range(4) if (r, column) not in marked}


def test_all_that_are_equally_low_are_marked_and_holes_never():
    losses = np.array([[0.0, np.nan, 1.0], [0.0, np.nan, 0.5], [0.2, np.nan, np.nan]])
    assert lowest_cells(losses) == [(0, 0), (1, 0), (1, 2)]
    assert distinct_losses(losses) == [["0", "", "1"], ["0", "", "0.5"], ["0.2", "", ""]]
