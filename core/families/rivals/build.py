"""The untrained network of a rival's run."""

from collections.abc import Sequence

from core.backbones.division import Division
from core.families.rivals.adashare import AdaShare
from core.families.rivals.grouped_nestednet import GroupedNestedNet
from core.families.rivals.grouped_packnet import GroupedPackNet
from core.families.rivals.method import (
    AdaShareMethod,
    FeatureExtractionMethod,
    LwfMethod,
    MtanMethod,
    NestedNetMethod,
    PackNetMethod,
    units_of,
)
from core.families.rivals.mtan import Mtan
from core.families.rivals.nestednet import NestedNet
from core.families.rivals.network import RivalNetwork, parts_of
from core.families.rivals.packnet import PackNet
from core.families.rivals.runs import RivalRun
from core.families.rivals.shared import SharedNetwork
from core.tasks import Task


def build_rival(run: RivalRun, tasks: Sequence[Task], size: tuple[int, int]) -> RivalNetwork:
    """Return the network of a run with the initial weights of its seed.

    Args:
        run: Backbone, method and seed.
        tasks: What the heads predict.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The backbone can't be made, or the method can't use its blocks.
        FamilyError: They can't be cut into the units of the method.
    """
    blocks, heads = parts_of(run.backbone, tasks, size, run.seed)
    if units := units_of(run.method):
        grouped = GroupedPackNet if isinstance(run.method, PackNetMethod) else GroupedNestedNet
        return grouped(blocks, heads, Division(units), run.unit_counts, size)
    match run.method:
        case PackNetMethod():
            return PackNet(blocks, heads, run.shares)
        case NestedNetMethod():
            return NestedNet(blocks, heads, run.shares)
        case MtanMethod():
            return Mtan.seeded(blocks, heads, size, run.seed)
        case AdaShareMethod():
            return AdaShare(blocks, heads, size)
        case FeatureExtractionMethod() | LwfMethod():
            return SharedNetwork(blocks, heads)
