"""What a layout costs."""

from core.costs.layout import Cost, Unit, block_costs, cost_of, layout_cost

__all__ = ["Cost", "Unit", "block_costs", "cost_of", "layout_cost"]
