import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.classroom.store import LONGEST, MOST_QUESTIONS, Allowed, ClassError, ClassStore, Question, StoreError

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


@pytest.mark.parametrize("begun", ["yesterday", "2026-03-02T08:00:00", "2036-01-01T00:00:00+00:00"])
def test_a_class_that_cannot_say_when_it_began_does_not_go_on(store, begun):
    store._connection.execute("UPDATE class SET begun = ?", (begun,))
    with pytest.raises(ClassError, match="--end"):
        store.begin("another", NOW)


def _directory(path):
    path.mkdir()


def _dangling_link(path):
    path.symlink_to(path.parent / "nowhere" / "file")


def _no_database(path):
    path.write_text("x" * 5000)


def _view(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE VIEW guess AS SELECT 1")


def _other_schema(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE class (x INT)")


@pytest.mark.parametrize("damage", [_directory, _dangling_link, _no_database, _view, _other_schema])
def test_what_is_no_class_is_refused_with_the_way_out(path, damage):
    damage(path)
    with pytest.raises(ClassError, match="--end"):
        ClassStore(path)


def test_a_full_disk_is_a_sentence_and_what_was_kept_stays(store):
    store.guess("q", "a", 1)
    n_pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {n_pages}")
    with pytest.raises(StoreError, match="full"):
        store.guess("q", "m" * 100_000, 0)
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.guess("q", "b", 1)
    assert store.tally("q", 1)[1] == 2


@pytest.mark.usefixtures("store")
def test_only_the_owner_of_the_folder_can_read_the_file(path):
    assert path.stat().st_mode & 0o077 == 0
    assert path.with_name("class.sqlite-wal").stat().st_mode & 0o077 == 0
