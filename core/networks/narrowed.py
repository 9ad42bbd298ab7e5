"""A network with fewer channels, of the same layers. Sources that run without this project hold this text, too."""

from collections.abc import Mapping

from torch import Tensor, nn


def narrowed(network: nn.Module, widths: Mapping[str, tuple[int, int]]) -> None:
    """Leave a network the first channels of its layers only; which numbers it has is up to whoever fills it.

    Args:
        network: Its convolutions, linear layers and BatchNorm are changed.
        widths: Path of a layer → channels that come out, and that go in.
    """
    for path, (outputs, inputs) in widths.items():
        layer = network.get_submodule(path)
        if isinstance(layer, nn.Conv2d):
            layer.out_channels, layer.in_channels = outputs, inputs
        elif isinstance(layer, nn.Linear):
            layer.out_features, layer.in_features = outputs, inputs
        else:
            layer.num_features = outputs  # type: ignore[assignment]
        for name, parameter in list(layer.named_parameters(recurse=False)):
            setattr(layer, name, nn.Parameter(_first(parameter.detach(), outputs, inputs)))
        for name, buffer in list(layer.named_buffers(recurse=False)):
            setattr(layer, name, _first(buffer, outputs, inputs))


def _first(value: Tensor, outputs: int, inputs: int) -> Tensor:
    if value.ndim < 2:
        return value[:outputs].clone() if value.ndim else value
    return value[:outputs, :inputs].clone()
