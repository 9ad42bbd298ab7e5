"""Layer-sharing trees: the value, how many there are, and all of them."""

from core.layouts.counting import count_layouts
from core.layouts.enumeration import MAX_LAYOUTS, LayoutTable, enumerate_layouts, sample_layouts
from core.layouts.layout import Group, Layout, Partition

__all__ = [
    "MAX_LAYOUTS",
    "Group",
    "Layout",
    "LayoutTable",
    "Partition",
    "count_layouts",
    "enumerate_layouts",
    "sample_layouts",
]
