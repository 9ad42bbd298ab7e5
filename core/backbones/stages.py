"""Where the stages of a backbone start, as its names and the sizes of its feature maps tell."""

from collections.abc import Hashable, Sequence

from core.backbones.backbone import Backbone

_DEEPEST = 6  # parts of a name that are looked at, as in encoder.layers.encoder_layer_0.mlp


def stage_starts(backbone: Backbone, n_stages: int) -> tuple[int, ...] | None:
    """Return where so many stages start; None where neither names nor sizes show as many.

    Blocks belong to one stage where their names begin alike (``layer1.0`` and ``layer1.1``), or their feature maps have
    the same height and width. Names count first, the shortest beginning before longer ones.

    Args:
        backbone: The blocks.
        n_stages: How many stages are wanted.

    >>> from core.backbones import load_backbone
    >>> stage_starts(load_backbone("resnet50"), 5)
    (0, 1, 4, 8, 14)
    """
    parts = [block.name.split(" … ")[-1].split(".") for block in backbone.blocks]
    keys: list[Sequence[Hashable]] = [[tuple(name[:depth]) for name in parts] for depth in range(1, _DEEPEST + 1)]
    sizes = [block.output_shape[1:] for block in backbone.blocks]
    # A stage ends with its pooling or begins with its stride: then its outputs are of one size, or its inputs.
    keys += [sizes, [backbone.input_shape[1:], *sizes[:-1]]]
    return next((found for each in keys if len(found := _starts(each)) == n_stages), None)


def _starts(keys: Sequence[Hashable]) -> tuple[int, ...]:
    return tuple(place for place, key in enumerate(keys) if not place or key != keys[place - 1])
