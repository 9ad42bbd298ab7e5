"""What the lesson on affinity says in words is true of its study."""

from app.lessons.bundled import losses
from app.lessons.values.affinity import SOURCE, STUDY, TARGET, against_own, certainty, view


def test_the_share_of_pictures_hardly_changes_at_first_and_falls_with_the_late_blocks():
    tasks = losses(STUDY).tasks
    wins = against_own()[:, tasks.index(TARGET), tasks.index(SOURCE)].tolist()
    early, late = wins[:3], wins[2:]
    assert max(early) - min(early) < 0.03
    assert late == sorted(late, reverse=True)
    assert late[0] - late[-1] > 0.2


def test_after_the_first_block_the_affinity_is_above_one_within_noise_and_only_one_direction_wins():
    tasks = losses(STUDY).tasks
    target, source = tasks.index(TARGET), tasks.index(SOURCE)
    found, value = certainty().certainty, view().normalised[0, target, source]
    assert found.low[0, target, source] < 1 < value < found.high[0, target, source]
    assert against_own()[0, source, target] < 0.5 < against_own()[0, target, source]
