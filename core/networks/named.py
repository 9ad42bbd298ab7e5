"""The network that somebody names as ``MODULE:FUNCTION``, cut into blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from core.backbones import Builder
from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.lookup import first_line, looked_up
from core.networks.traced_network import starts_of
from core.networks.tracing import AUTO, TracedBackbone, detect
from core.networks.wrappers import Network, chained


def named_backbone(
    function: str,
    keywords: dict[str, Any],
    inputs: Inputs,
    *,
    part: str = "",
    head: str = AUTO,
    merge: int | None = None,
    cuts: Sequence[int | str] = (),
    latency: bool = False,
) -> TracedBackbone:
    """Return the blocks of the network that ``MODULE:FUNCTION`` makes.

    Args:
        function: Such as ``torchvision.models:resnet18``; looked for in the current folder too.
        keywords: Keyword arguments of the function.
        inputs: One call of the network.
        part: Path of the submodule that is the backbone; the whole network if empty.
        head: Where the head starts, see ``detect``.
        merge: Number of blocks wanted, if any.
        cuts: Numbers or names of the blocks that start a block, from the second one on; all where empty.
        latency: Measure the blocks on this machine.

    Raises:
        BackboneError: The network can't be made, traced or merged.
    """
    network = made_network(function, keywords, part)
    name = function.rpartition(":")[2] + (f".{part}" if part else "")
    found = detect(network, inputs, name=name, head=head, builder=known_builder(function, keywords, part))
    found = found if merge is None else found.merge_to(merge)
    found = found.merge(starts_of(cuts, found.backbone)) if cuts else found
    return found.timed() if latency else found


def made_network(function: str, keywords: dict[str, Any], part: str = "") -> Network:
    """Return the network, or its modules in order, that ``MODULE:FUNCTION`` makes or is.

    Raises:
        BackboneError: There is no such module, function or part, the call fails, or it gives
            neither an ``nn.Module`` nor a list or dictionary of them.
    """
    made = looked_up(function)
    try:
        network = made if isinstance(made, nn.Module) and not keywords else made(**keywords)
    except (Exception, SystemExit) as error:
        way = "Check --args"
        if "self" in str(error) and "." in function.partition(":")[2]:
            way = "A method must be a class method or a static one"
        raise BackboneError(f"{function[:80]} can't make a network: {first_line(error)}. {way}.") from error
    if not _is_network(network):
        raise BackboneError(
            f"{function[:80]} gives {_described(network)}. It should give a torch.nn.Module, or a list or dictionary "
            "of them in the order they run."
        )
    found: Network = network
    if part:
        try:
            found = (network if isinstance(network, nn.Module) else chained(network)).get_submodule(part)
        except AttributeError as error:
            raise BackboneError(
                f"{function[:80]} has no such part: {first_line(error)}. Check --args and --part."
            ) from error
    return found


def _is_network(value: object) -> bool:
    items = list(value.values()) if isinstance(value, Mapping) else value
    if isinstance(items, list | tuple):
        return bool(items) and all(isinstance(item, nn.Module) for item in items)
    return isinstance(value, nn.Module)


def _described(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        items = value.values() if isinstance(value, Mapping) else value
        other = next((type(item).__name__ for item in items if not isinstance(item, nn.Module)), "")
        return f"a {type(value).__name__} that holds a {other}" if other else f"an empty {type(value).__name__}"
    return f"a {type(value).__name__}"


def known_builder(function: str, keywords: dict[str, Any], part: str) -> str:
    """Return the expression that makes a torchvision network, or an empty string for others."""
    call = f"{function.replace(':', '.')}({', '.join(f'{k}={v!r}' for k, v in keywords.items())})"
    try:
        return str(Builder.parse(call + (f".{part}" if part else "")))
    except BackboneError:
        return ""
