"""What the lesson on affinity says in words is true of its study."""

from app.lessons.bundled import losses
from app.lessons.values.affinity import SOURCE, STUDY, TARGET, against_own


def test_the_share_of_pictures_hardly_changes_at_first_and_falls_with_the_late_blocks():
    tasks = losses(STUDY).tasks
    wins = against_own()[:, tasks.index(TARGET), tasks.index(SOURCE)].tolist()
    early, late = wins[:3], wins[2:]
    assert max(early) - min(early) < 0.03
    assert late == sorted(late, reverse=True)
    assert late[0] - late[-1] > 0.2
