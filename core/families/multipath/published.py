"""What the multi-path paper prints, kept apart from everything measured here: show it as published figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PublishedMethod:
    """One method of a table; a number for each task, in the table's order.

    Args:
        name: As the paper calls it; "Baseline" is hard sharing.
        accuracy: In percent.
        params: Parameters in times of the backbone's; empty where not printed.
        gflops: 10⁹ multiply-accumulates, which the paper calls FLOPs; empty where not printed.
    """

    name: str
    accuracy: tuple[float, ...]
    params: tuple[float, ...] = ()
    gflops: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One part of a table.

    Args:
        number: Of the table.
        dataset: Its data set.
        backbone: Its backbone.
        tasks: What its tasks are.
        methods: In the order of the table.
    """

    number: int
    dataset: str
    backbone: str
    tasks: tuple[str, ...]
    methods: tuple[PublishedMethod, ...]

    def method(self, name: str) -> PublishedMethod:
        """Return the method of that name."""
        return next(method for method in self.methods if method.name == name)


_ONE: Final = (1.0,) * 5
_MORE: Final = (1.5,) * 5
_PRUNED: Final = (0.4, 0.6, 0.7, 0.8, 1.0)
_PRUNED_FLOPS: Final = (0.012, 0.020, 0.026, 0.029, 0.035)
_FLOPS: Final[Mapping[str, tuple[float, ...]]] = {
    "Baseline": (0.035,) * 5,
    "PackNet": _PRUNED_FLOPS,
    "NestedNet": _PRUNED_FLOPS,
    "MTAN": (0.058,) * 5,
    "AdaShare": (0.035,) * 5,
    "Ours": (0.027, 0.028, 0.030, 0.033, 0.035),
}
_PARAMS: Final[Mapping[str, tuple[float, ...]]] = {
    "Baseline": _ONE,
    "PackNet": _PRUNED,
    "NestedNet": _PRUNED,
    "MTAN": _MORE,
    "AdaShare": _ONE,
    "Ours": (0.2, 0.4, 0.6, 0.8, 1.0),
}


def _split(dataset: str, accuracy: Mapping[str, tuple[float, ...]]) -> PublishedTable:
    methods = tuple(PublishedMethod(name, found, _PARAMS[name], _FLOPS[name]) for name, found in accuracy.items())
    return PublishedTable(2, dataset, "ResNet-18", tuple(f"Task {n}" for n in range(1, 6)), methods)


TABLE_2: Final = (
    _split(
        "CIFAR-10",
        {
            "Baseline": (98.18, 94.79, 95.05, 98.44, 97.92),
            "PackNet": (98.85, 91.88, 94.08, 97.97, 96.07),
            "NestedNet": (98.98, 92.42, 94.98, 98.10, 96.02),
            "MTAN": (99.74, 96.88, 98.18, 98.44, 96.09),
            "AdaShare": (98.30, 92.15, 95.30, 98.41, 97.66),
            "Ours": (95.05, 95.05, 95.57, 97.92, 96.88),
        },
    ),
    _split(
        "CIFAR-100",
        {
            "Baseline": (78.13, 78.65, 83.85, 75.78, 84.90),
            "PackNet": (78.52, 79.57, 76.65, 70.67, 76.63),
            "NestedNet": (77.92, 80.75, 77.58, 71.95, 76.70),
            "MTAN": (78.91, 75.78, 83.33, 79.43, 83.07),
            "AdaShare": (78.12, 80.59, 78.20, 77.30, 82.50),
            "Ours": (78.65, 73.96, 83.59, 76.30, 82.81),
        },
    ),
)
_LEVELS: Final = ("Super-class (3)", "Intermediate-class (20)", "Sub-class (100)")
TABLE_3: Final = (
    PublishedTable(
        3,
        "CIFAR-100",
        "ResNet-18",
        _LEVELS,
        (
            PublishedMethod("Baseline", (93.45, 76.49, 64.27), (1.0, 1.0, 1.0)),
            PublishedMethod("PackNet", (92.25, 72.18, 58.41), (0.5, 0.8, 1.0)),
            PublishedMethod("NestedNet", (92.27, 72.29, 59.26), (0.5, 0.8, 1.0)),
            PublishedMethod("MTAN", (93.29, 76.34, 64.30), (1.5, 1.5, 1.5)),
            PublishedMethod("AdaShare", (92.28, 74.28, 62.42), (1.0, 1.0, 1.0)),
            PublishedMethod("Ours", (92.44, 77.72, 66.82), (0.4, 0.6, 1.0)),
            PublishedMethod("Ours w/o distill", (92.31, 75.62, 63.85)),
        ),
    ),
    PublishedTable(
        3,
        "CIFAR-100",
        "MobileNetV2",
        _LEVELS,
        (
            PublishedMethod("Baseline", (90.82, 68.32, 55.53), (1.0, 1.0, 1.0)),
            PublishedMethod("PackNet", (88.95, 64.78, 51.08), (0.5, 0.8, 1.0)),
            PublishedMethod("NestedNet", (89.60, 66.82, 53.17), (0.5, 0.8, 1.0)),
            PublishedMethod("MTAN", (90.10, 65.79, 53.56), (1.3, 1.3, 1.3)),
            PublishedMethod("AdaShare", (91.56, 68.78, 54.78), (1.0, 1.0, 1.0)),
            PublishedMethod("Ours", (90.76, 71.48, 59.42), (0.3, 0.6, 1.0)),
            PublishedMethod("Ours w/o distill", (91.56, 69.91, 57.25)),
        ),
    ),
)
# The text states these shares for all scenarios of three branches; Table 3 prints others.
STATED_SHARES: Final = (0.3, 0.75, 1.0)
# "30% ~ 60% smaller computational cost" of the abstract, in percent.
ABSTRACT_SAVING: Final = (30, 60)


def saved(shares: tuple[float, ...]) -> float:
    """Return the share of a cost that paths save on average over tasks.

    Args:
        shares: Cost of each task's path in times of the whole network's.

    >>> round(saved((0.25, 0.75, 1.0)), 2)
    0.33
    """
    return 1 - sum(shares) / len(shares)
