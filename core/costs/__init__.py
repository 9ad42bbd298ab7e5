"""What a network costs: questions and units, layouts, and which task uses which piece."""

from core.costs.allocation import Allocation, Piece, copies_allocation, layout_allocation
from core.costs.layout import CostQuestion, Unit, block_costs, independent_cost, layout_cost

__all__ = [
    "Allocation",
    "CostQuestion",
    "Piece",
    "Unit",
    "block_costs",
    "copies_allocation",
    "independent_cost",
    "layout_allocation",
    "layout_cost",
]
