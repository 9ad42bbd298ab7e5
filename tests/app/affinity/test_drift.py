import numpy as np
import pytest

from app.affinity.drift import marks_sentence, notes, summary
from app.affinity.model import affinity_view, sureness
from core.affinity.evidence import Evidence, Origin, evidence_of_effects, evidence_of_losses
from core.affinity.gradient import GradientEffects
from core.affinity.recombined import RecombinedLosses


def shown(*pairs, tasks=("a", "b", "c")):
    """Give a view of three tasks with the values of (a, b), (a, c), (b, c) at every depth."""
    values = np.array([[[1, ab, ac], [ab, 1, bc], [ac, bc, 1]] for ab, ac, bc in pairs], dtype=float)
    return affinity_view(Evidence(Origin.FILE, tasks, values))


def drawn(view, *, noise, seed=0):
    """Give how sure a view would be if every cell moved by chance."""
    rng = np.random.default_rng(seed)
    values = view.normalised + rng.normal(0, noise, (200, *view.normalised.shape))
    from app.affinity.model import Sureness
    from core.affinity.resampling import certainty

    return Sureness(certainty(view.normalised, values), values.astype(np.float32))


def test_sharing_that_gets_harder_is_said_with_who_stays_and_who_drifts():
    view = shown((0.95, 0.9, 0.9), (0.9, 0.5, 0.5), (0.6, 0.2, 0.1))
    trend, closest, lowest = summary(view, None)
    assert "falls" in trend
    assert "0.92 after block 1, 0.30 after block 3" in trend
    assert "a and b" in closest
    assert closest.endswith("up to block 2.")
    assert "from the first block on: c" in lowest


@pytest.mark.parametrize(
    ("pairs", "part"),
    [
        (((0.9, 0.9, 0.9), (0.88, 0.9, 0.9)), "changes little with depth"),
        (((0.2, 0.3, 0.2), (0.9, 0.9, 0.9)), "rises with depth"),
        (
            ((0.9, 0.85, 0.85), (0.9, 0.85, 0.85)),
            "after block 2: a and b, affinity 0.90; 0.8 or more after every block",
        ),
        (((0.5, 0.2, 0.2), (0.4, 0.2, 0.2)), "after block 2: a and b, affinity 0.40; below 0.8 after block 1 already"),
        (((0.5, 0.9, 0.9), (0.9, 0.3, 0.2)), "only after the last block: c"),
        (((0.5, 0.9, 0.9), (0.9, 0.3, 0.3), (0.9, 0.3, 0.2)), "from block 2 on: c"),
        (((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), "about the same mean affinity"),
        (((0.5, 0.4, 0.3),), "After block 1: mean affinity 0.40."),
    ],
)
def test_each_finding_has_its_sentence(pairs, part):
    assert part in " ".join(summary(shown(*pairs), None))


def test_unsure_findings_say_so_and_sure_ones_do_not():
    view = shown((0.9, 0.8, 0.8), (0.5, 0.48, 0.2))
    unsure = " ".join(summary(view, drawn(view, noise=0.1)))
    assert "closest in only" in unsure
    sure = " ".join(summary(view, drawn(view, noise=0.001)))
    assert "in only" not in sure


def test_the_end_of_being_alike_is_about_where_the_interval_crosses_it():
    view = shown((0.95, 0.3, 0.3), (0.82, 0.2, 0.2), (0.5, 0.1, 0.1))
    assert "to about block 2" in " ".join(summary(view, drawn(view, noise=0.05)))
    assert "to block 2" in " ".join(summary(view, drawn(view, noise=0.001)))


def test_two_tasks_have_a_trend_and_no_order():
    values = np.array([[[1, 0.9], [0.9, 1]], [[1, 0.2], [0.2, 1]]], dtype=float)
    view = affinity_view(Evidence(Origin.FILE, ("a", "b"), values))
    (trend,) = summary(view, None)
    assert "a and b 0.90 after block 1, 0.20 after block 2" in trend
    assert "no rank to mark" in marks_sentence(view, drawn(view, noise=0.1))


def test_the_marks_are_counted_or_their_absence_is_explained():
    view = shown((0.5, 0.5001, 0.2), (0.9, 0.5, 0.1))
    assert marks_sentence(view, drawn(view, noise=0.01)).startswith("Marked cells (2 of 6)")
    assert "No cell is marked" in marks_sentence(view, drawn(view, noise=1e-6))
    assert "no losses per sample" in marks_sentence(view, None)
    assert "one set of images" in marks_sentence(
        affinity_view(Evidence(Origin.FEATURES, view.tasks, view.evidence.affinity)), None
    )
    effects = GradientEffects(view.tasks, (0,), np.tile(np.eye(3), (1, 2, 1, 1)))
    assert "one seed" in marks_sentence(affinity_view(evidence_of_effects(effects)), None)
    assert "being computed" in marks_sentence(view, None, drawing=True)


def losses(change):
    apart = 1.5 - 0.5 * np.eye(3)[..., None]
    values = (apart * np.random.default_rng(0).lognormal(0, 0.3, (1, 2, 3, 3, 30))).astype(np.float32)
    change(values)
    return affinity_view(evidence_of_losses(RecombinedLosses(("a", "b", "c"), (0,), values)))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda _: None, []),
        (lambda v: v.fill(1.0), ["All encoders give the same loss"]),
        (lambda v: v[:, 1, 2].fill(1.0), ["In 1 of 6 tournaments", "that of c after block 2"]),
        (
            lambda v: v[:, 0, 1, 2].fill(np.nan),
            ["not measured, the first after block 1: a and b", "b on the features of c"],
        ),
    ],
)
def test_what_a_reader_must_know_first_is_said(change, parts):
    said = notes(losses(change))
    assert bool(said) == bool(parts)
    assert all(part in " ".join(said) for part in parts)


def test_a_tensor_with_holes_has_no_summary_that_pretends():
    view = shown((np.nan, 0.5, 0.5), (0.9, 0.3, np.nan))
    assert summary(view, None) == []
    assert "2 of 12 cells are not measured, the first after block 1: a and b." in notes(view)[0]


def test_affinities_above_the_tasks_own_are_counted_and_explained():
    above = shown((1.04, 0.5, 0.5), (1.2, 0.9, 1.004))
    note = summary(above, None)[-1]
    assert "2 of 6 affinities are above 1, the highest 1.20 (a and b, after block 2)" in note
    assert not any("above 1" in said for said in summary(shown((1.0, 0.9, 1.004)), None))


def test_sureness_of_real_draws_fits_into_the_sentences():
    view = losses(lambda _: None)
    assert marks_sentence(view, sureness(view, np.random.default_rng(0))).startswith("Marked cells")


@pytest.mark.parametrize("n_seeds", [1, 2])
def test_one_seed_is_called_that_and_several_are_not(n_seeds):
    values = np.random.default_rng(0).random((n_seeds, 2, 3, 3, 50)).astype(np.float32)
    view = affinity_view(evidence_of_losses(RecombinedLosses(("a", "b", "c"), tuple(range(n_seeds)), values)))
    assert ("One seed" in marks_sentence(view, sureness(view, np.random.default_rng(0)))) == (n_seeds == 1)
