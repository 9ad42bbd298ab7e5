"""Examples: those of the TreeDNN paper, and two common networks."""

from dataclasses import dataclass

from app.storage.model import nearest_cut
from app.ui.formatting import share
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone, LayerCount
from core.families.treednn.published import CASE, CASE_PRINTED_PERCENT, TABLE_1


@dataclass(frozen=True, slots=True)
class StoragePreset:
    """Values of the controls, and what to see.

    Args:
        title: On its button.
        layers: Layers L of the formula.
        epsilon: Layers ε beyond the middle.
        n_branches: Branches k.
        sentence: What to see.
        backbone: A bundled profile.
        cut: Its blocks in the trunk.
    """

    title: str
    layers: int
    epsilon: float
    n_branches: int
    sentence: str
    backbone: str
    cut: int

    def fits(self, layers: int, epsilon: float, n_branches: int, backbone: str, cut: int) -> bool:
        """Return whether the controls have the values of this example."""
        values = (self.layers, self.epsilon, self.n_branches, self.backbone, self.cut)
        return values == (layers, epsilon, n_branches, backbone, cut)


def storage_presets() -> tuple[StoragePreset, ...]:
    """Return the examples."""
    return (_mobilenet(), _resnet(), _table(), _case())


def _case() -> StoragePreset:
    backbone = load_backbone("mobilenet_v2")
    cut = round(backbone.n_blocks * CASE.trunk / CASE.layers)
    return StoragePreset(
        "TreeDNN, storage",
        CASE.layers,
        CASE.epsilon,
        CASE.n_branches,
        f"L = {CASE.layers}, k = {CASE.n_branches}, ε = {CASE.epsilon:g}: a trunk of {CASE.trunk:g} layers and "
        f"branches of {CASE.branch:g} store {CASE.tree:g} layers instead of {CASE.separate:g}. That saves "
        f"{CASE.gain:g}, {share(CASE.relative)}; the paper prints ≈ {CASE_PRINTED_PERCENT} %. Its formula of the gain "
        f"adds ε(1 − k) where it should subtract it: as printed it would give {CASE.gain_as_printed:g} layers. "
        f"Here with {backbone.name}, the paper's backbone, cut after {cut} of its {backbone.n_blocks} blocks.",
        "mobilenet_v2",
        cut,
    )


def _table() -> StoragePreset:
    backbone, wanted = load_backbone("mobilenet_v2"), TABLE_1.trunk_share
    cut = nearest_cut(backbone, wanted)
    found = CutBackbone(backbone, cut, TABLE_1.n_models).trunk_share
    return StoragePreset(
        "TreeDNN, Table 1",
        200,
        -1.0,
        TABLE_1.n_models,
        f"TreeDNN's {TABLE_1.n_models} camera models shrink from {TABLE_1.separate_megabytes:g} to "
        f"{TABLE_1.tree_megabytes:g} MB, {share(TABLE_1.saved_memory)} less. If they were equal, the trunk would hold "
        f"{100 * wanted:.1f} % of one model's parameters: here 99 of L = 200. Half of the layers is not half of the "
        f"parameters: {backbone.name} comes nearest after block {cut} of {backbone.n_blocks} ({share(found)}). The "
        "paper does not say which models these are.",
        "mobilenet_v2",
        cut,
    )


def _mobilenet() -> StoragePreset:
    backbone = load_backbone("mobilenet_v2")
    cut = 1 + [block.name for block in backbone.blocks].index("features.9")
    case, modules = CutBackbone(backbone, cut, 5), LayerCount(19, 0.5, 5)
    return StoragePreset(
        "MobileNetV2, middle",
        modules.layers,
        modules.epsilon,
        modules.n_branches,
        f"TreeDNN's backbone, cut after {modules.trunk:g} of its {modules.layers} modules. By the formula "
        f"{share(modules.relative)} of the modules are saved, but only {share(case.params.relative)} of the "
        f"parameters: the first half holds {share(case.trunk_share)} of them, since channels grow with depth.",
        "mobilenet_v2",
        cut,
    )


def _resnet() -> StoragePreset:
    backbone = load_backbone("resnet50")
    cut = [block.name for block in backbone.blocks].index("layer3.0")
    # conv1, then three convolutions in each block; the fully connected layer is a head.
    layers, trunk = 1 + 3 * (backbone.n_blocks - 1), 1 + 3 * (cut - 1)
    case, formula = CutBackbone(backbone, cut, 5), LayerCount(layers, trunk - layers / 2, 5)
    return StoragePreset(
        "ResNet-50",
        layers,
        formula.epsilon,
        formula.n_branches,
        f"Cut between layer2 and layer3: {trunk} of {layers} convolutions (shortcuts not counted) in the trunk save "
        f"{share(formula.relative)} of the layers and {share(case.params.relative)} of the parameters. Most parameters "
        "are in layer3 and layer4.",
        "resnet50",
        cut,
    )
