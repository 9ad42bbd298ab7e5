from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.classroom.store import LONGEST, MOST_QUESTIONS, Allowed, ClassError, ClassStore, Question

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "class.sqlite"


@pytest.fixture
def store(path):
    store = ClassStore(path)
    store.begin("brown-tree-seven", NOW)
    yield store
    store.close()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.tuples(some.sampled_from("abc"), some.integers(0, 3)), max_size=12))
def test_a_tally_counts_the_last_guess_of_each_member(tmp_path_factory, guesses):
    store = ClassStore(tmp_path_factory.mktemp("class") / "class.sqlite")
    store.begin("x", NOW)
    for member, option in guesses:
        store.guess("q", member, option)
    expected = Counter(dict(guesses).values())
    assert {option: n for option, n in enumerate(store.tally("q", 1)) if n} == expected
    store.close()


def test_rounds_are_kept_apart_and_end_with_the_answer(store):
    store.guess("q", "a", 0)
    store.guess_again("q")
    assert store.guess_of("q", "a") is None
    store.guess("q", "a", 2)
    assert (store.tally("q", 1), store.tally("q", 2), store.guess_of("q", "a")) == ((1,), (0, 0, 1), 2)
    with pytest.raises(ClassError, match="second round"):
        store.guess_again("q")
    store.reveal("q")
    with pytest.raises(ClassError, match="no longer"):
        store.guess("q", "b", 1)
    assert store.questions() == {"q": Question(2, True)}


def test_a_class_goes_on_after_the_server_was_killed_and_is_forgotten_after_a_day(store, path):
    store.admit("a")
    store.guess("q", "a", 1)
    store.allow(Allowed(uploads=True))
    # Nothing was closed.
    again = ClassStore(path)
    assert not again.begin("another", NOW + timedelta(hours=1))
    assert (again.phrase, again.is_member("a"), again.guess_of("q", "a")) == ("brown-tree-seven", True, 1)
    assert again.allowed.uploads
    assert again.begin("another", NOW + LONGEST)
    assert (again.phrase, again.is_member("a"), again.questions()) == ("another", False, {})
    again.close()


def test_nothing_is_left_of_a_class_that_ended(path):
    store = ClassStore(path)
    store.begin("x", NOW)
    store.guess("q", "a", 1)
    store.end()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(("question", "option"), [("", 0), ("<b>", 0), ("x" * 61, 0), ("q", -1), ("q", 10), ("ä", 0)])
def test_what_is_no_question_is_refused(store, question, option):
    with pytest.raises(ClassError, match="There is no such"):
        store.guess(question, "a", option)


def test_nobody_can_fill_the_disk_with_questions(store):
    for n in range(MOST_QUESTIONS):
        store.guess(f"q{n}", "a", 0)
    with pytest.raises(ClassError, match="at most"):
        store.guess("one-more", "a", 0)
    store.guess_again("one-more")
    store.reveal("one-more")
    assert store.question("one-more") == Question(2, True)


@pytest.mark.usefixtures("store")
def test_only_the_owner_of_the_folder_can_read_the_file(path):
    assert path.stat().st_mode & 0o077 == 0
    assert path.with_name("class.sqlite-wal").stat().st_mode & 0o077 == 0
