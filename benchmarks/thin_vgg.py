"""Can one tree have both sizes that Branched MTL prints for its thin VGG-16?

    python benchmarks/thin_vgg.py

*Branched Multi-Task Networks*, Table 1, gives 2.20 M parameters for the tree of 40 attributes at ω = 32 and 7.73 M for
the same tree widened to ω = 60; the tree itself is drawn too small to read. What a tree holds follows from how many
groups each of the fifteen blocks has, 1 ≤ g_1 ≤ … ≤ g_15 ≤ 40, and every such sequence is that of some tree. Twelve
convolutions hold the same, so only the sum of their groups counts. Here are all sequences of which both sizes round to
what is printed, heads counted: one linear layer of 2ω inputs and one output for each attribute.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from core.backbones import Backbone, load_backbone

ATTRIBUTES = 40
# ω → millions of parameters, Table 1.
PRINTED = {32: 2.20, 60: 7.73}
# Half of the last printed digit.
ROUNDING = 5_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """What one group of each block holds at one width, in parameters.

    Args:
        first: The first convolution.
        convolution: Each of those after it; all hold the same.
        n_convolutions: How many these are.
        flat: The first full layer.
        last: The second one.
        heads: One output for every attribute, all together.
    """

    first: int
    convolution: int
    n_convolutions: int
    flat: int
    last: int
    heads: int

    @classmethod
    def of(cls, backbone: Backbone) -> "Sizes":
        """Return the sizes of a bundled profile of the thin VGG-16, whose head has all attributes as outputs."""
        first, *convolutions, flat, last = (block.params for block in backbone.blocks)
        (convolution,) = set(convolutions)
        return cls(first, convolution, len(convolutions), flat, last, backbone.head_params)

    def total(self, found: "Groups") -> int:
        """Return what a tree with these numbers of groups holds."""
        return (
            self.first * found.first
            + self.convolution * found.convolutions
            + self.flat * found.flat
            + self.last * found.last
            + self.heads
        )


@dataclass(frozen=True, slots=True)
class Groups:
    """How many groups a tree has: at the first block, at the twelve alike together, at both full layers."""

    first: int
    convolutions: int
    flat: int
    last: int


def main() -> None:
    """Print which numbers of groups fit, and how many sequences these are."""
    sizes = {width: Sizes.of(load_backbone(f"thin_vgg16_{width}")) for width in PRINTED}
    for width, own in sizes.items():
        print(f"ω = {width}: one network for all {own.total(Groups(1, own.n_convolutions, 1, 1)) / 1e6:.3f} M, "
              f"printed {PRINTED[width]:.2f} M")  # fmt: skip
    found = list(fitting(sizes))
    n = sizes[32].n_convolutions
    total = sum(sequences(each, n) for each in found)
    print(f"numbers of groups that fit both: {len(found):,}; sequences of fifteen: {total:,}")
    if not found:
        return
    print(f"{'':<28}{'least':>8}{'most':>8}")
    for label, values in {
        "groups at block 1": [each.first for each in found],
        f"groups at blocks 2–{n + 1}, mean": [each.convolutions / n for each in found],
        f"groups at block {n + 2} (fc6)": [each.flat for each in found],
        f"groups at block {n + 3} (fc7)": [each.last for each in found],
        "ω = 32, M": [sizes[32].total(each) / 1e6 for each in found],
        "ω = 60, M": [sizes[60].total(each) / 1e6 for each in found],
    }.items():
        print(f"{label:<28}{min(values):8.4g}{max(values):8.4g}")
    print("of these, by groups at fc6:")
    for flat in sorted({each.flat for each in found}):
        own = [each for each in found if each.flat == flat]
        print(f"  {flat:2d}: fc7 {min(e.last for e in own)}–{max(e.last for e in own)}, convolutions' sum "
              f"{min(e.convolutions for e in own)}–{max(e.convolutions for e in own)}, sequences "
              f"{sum(sequences(e, n) for e in own):,}")  # fmt: skip


def fitting(sizes: Mapping[int, Sizes], n_tasks: int = ATTRIBUTES) -> Iterator[Groups]:
    """Return the numbers of groups with which every width rounds to its printed size.

    Args:
        sizes: Width → sizes.
        n_tasks: No block has more groups.
    """
    n = next(iter(sizes.values())).n_convolutions
    for first in range(1, n_tasks + 1):
        for flat in range(first, n_tasks + 1):
            for last in range(flat, n_tasks + 1):
                low, high = n * first, n * flat
                for width, own in sizes.items():
                    rest = round(PRINTED[width] * 1e6) - own.total(Groups(first, 0, flat, last))
                    low = max(low, -(-(rest - ROUNDING) // own.convolution))
                    # What is exactly between two printed numbers counts as the upper one.
                    high = min(high, (rest + ROUNDING - 1) // own.convolution)
                for convolutions in range(low, high + 1):
                    yield Groups(first, convolutions, flat, last)


def sequences(found: Groups, n_convolutions: int) -> int:
    """Return in how many ways the groups of the convolutions can rise from those of the first block to those of fc6."""
    return _partitions(found.convolutions - n_convolutions * found.first, n_convolutions, found.flat - found.first)


@cache
def _partitions(total: int, parts: int, largest: int) -> int:
    """Return in how many ways a number is a sum of at most so many parts none of which is larger, order aside."""
    if total == 0:
        return 1
    if total < 0 or parts == 0 or largest == 0:
        return 0
    return _partitions(total - largest, parts - 1, largest) + _partitions(total, parts, largest - 1)


if __name__ == "__main__":
    main()
