import pytest

from app.components.runs_table import Choice, choice_of


def test_the_choice_comes_in_the_order_of_the_browser_and_once_each():
    assert choice_of({"chosen": {"keys": ["b", "a", "b"], "count": 3}}) == Choice(("b", "a"), 3)


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"chosen": None},
        {"chosen": ["a"]},
        {"chosen": {"keys": "ab", "count": 1}},
        {"chosen": {"keys": ["a"], "count": "1"}},
        {"chosen": {"keys": ["a"]}},
    ],
)
def test_what_no_table_of_ours_sends_chooses_nothing(state):
    assert choice_of(state) == Choice()


def test_only_keys_are_taken():
    assert choice_of({"chosen": {"keys": ["a", 1, None, ["b"]], "count": 1}}).keys == ("a",)


def test_a_browser_sends_neither_endless_lists_nor_strange_keys():
    keys = ["\ud800", "x" * 65, *map(str, range(20_000))]
    found = choice_of({"chosen": {"keys": keys, "count": 1}}).keys
    assert found[0] == "0"
    assert len(found) == 10_000
    assert choice_of({"chosen": {"keys": ["a"], "count": 10**400}}) == Choice()
