"""What a network costs: questions and units."""

from core.costs.layout import CostQuestion, Unit, block_costs, independent_cost, layout_cost

__all__ = ["CostQuestion", "Unit", "block_costs", "independent_cost", "layout_cost"]
