"""The search without numba gives what the search with numba gives."""

import json
import subprocess
import sys

import numpy as np

from core.layouts import Layout
from core.selection import PairwiseScore, best_layouts, exact_front, search_large

SCRIPT = """
import json, sys
if sys.argv[1] == "absent":
    sys.modules["numba"] = None
else:
    import types
    broken = types.ModuleType("numba")
    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function
    broken.njit = njit
    sys.modules["numba"] = broken
import numpy as np
from core.selection import PairwiseScore, best_layouts, exact_front, search_large
from core.selection.compiler import HAS_NUMBA
out = []
for seed in range(3):
    rng = np.random.default_rng(seed)
    score, costs = PairwiseScore.of(rng.normal(size=(5, 5, 4)), rng.random(5)), rng.random(3)
    found = best_layouts(score, costs, budget="50%"), exact_front(score, costs)
    large = search_large(score, costs, budget="50%", restarts=1)
    out.append([[[c.layout.to_json(), c.score, c.cost] for c in part] for part in (*found, large.choices)])
print(json.dumps([HAS_NUMBA, out]))
"""


def without(how):
    run = subprocess.run([sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def expected():
    for seed in range(3):
        rng = np.random.default_rng(seed)
        score, costs = PairwiseScore.of(rng.normal(size=(5, 5, 4)), rng.random(5)), rng.random(3)
        large = search_large(score, costs, budget="50%", restarts=1)
        parts = best_layouts(score, costs, budget="50%"), exact_front(score, costs), large.choices
        yield [[(c.layout, c.score, c.cost) for c in part] for part in parts]


def test_same_results_where_numba_is_missing():
    has_numba, found = without("absent")
    assert not has_numba
    assert [[[(Layout.parse(a), b, c) for a, b, c in part] for part in row] for row in found] == list(expected())


def test_same_results_where_no_cache_can_be_written():
    has_numba, found = without("no cache directory")
    assert has_numba
    assert [[[(Layout.parse(a), b, c) for a, b, c in part] for part in row] for row in found] == list(expected())
