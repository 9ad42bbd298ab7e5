import json
from pathlib import Path

from core.layouts import Layout
from core.plane.point import best_within
from core.selection.choice import Choice

# The same cases are put to the browser's code in tests/browser_code/runtime.test.mjs.
CASES = json.loads((Path(__file__).parents[2] / "browser_code" / "best_within.json").read_text())
ANY = Layout.all_shared(2, 1)


def test_the_best_within_a_budget_is_the_one_that_the_browser_finds():
    for case in CASES:
        front = [Choice(ANY, float(place), cost) for place, cost in enumerate(case["costs"])]
        found = best_within(front, case["budget"])
        assert (None if found is None else found.score) == (None if case["best"] < 0 else case["best"]), case
