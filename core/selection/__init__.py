"""Choose layouts: exact search, Pareto fronts, budgets."""

from core.selection.budget import Budget, inclusive
from core.selection.choice import Choice, Terms
from core.selection.complete import layout_estimates, layout_scores
from core.selection.exact import best_layouts
from core.selection.large import LargeSearch, large_front, search_large
from core.selection.pairwise import PairwiseScore
from core.selection.pareto import exact_front
from core.selection.regret import forced_scores, regret_map
from core.selection.search import Front, Recommendation, front, recommend, warm_up

__all__ = [
    "Budget",
    "Choice",
    "Front",
    "LargeSearch",
    "PairwiseScore",
    "Recommendation",
    "Terms",
    "best_layouts",
    "exact_front",
    "forced_scores",
    "front",
    "inclusive",
    "large_front",
    "layout_estimates",
    "layout_scores",
    "recommend",
    "regret_map",
    "search_large",
    "warm_up",
]
