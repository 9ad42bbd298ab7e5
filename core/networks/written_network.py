"""How the network of a study's backbone is made, as Python that others run: take-home files are written from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from torch import nn

from core.backbones.builder import OWN_FUNCTIONS, Builder
from core.backbones.source import definition
from core.backbones.source_text import START
from core.backbones.torchvision_functions import MODELS
from core.errors import BackboneError
from core.networks.profile_all import built
from core.networks.small import small_residual
from core.networks.traced_network import network_of, timm_arguments
from core.networks.wrappers import is_list
from core.own_code.called import called
from core.own_code.located import located
from core.own_code.permission import permitted_roots
from core.runs.backbone_specification import THIN_VGG, BackboneSpecification

_DILATED_FILE: Final = "dilated_resnet.py"
_NEEDED: Final = """The network is made by {reference}, which is imported: its module lies beside this file, or in
a folder of PYTHONPATH, and is as it was when the weights were trained."""


@dataclass(frozen=True, slots=True)
class WrittenNetwork:
    """A whole network and the expression that makes it.

    Args:
        expression: Python that makes it.
        network: What that makes.
        imports: Lines that the expression needs.
        definitions: Source of what it calls.
        packages: Packages besides torch and torchvision whose functions its blocks may call.
        start: How to begin from weights that torchvision offers, or what else is needed; empty where there is neither.
        contents: Module of the network's author → SHA-256 of its file; empty for installed packages.
    """

    expression: str
    network: nn.Module
    imports: tuple[str, ...] = ()
    definitions: str = ""
    packages: frozenset[str] = frozenset()
    start: str = ""
    contents: Mapping[str, str] = field(default_factory=dict)


def written_network(specification: BackboneSpecification, size: tuple[int, int]) -> WrittenNetwork:
    """Return the network of a study's backbone as it is before its stem is changed, and how it is made.

    Args:
        specification: Of any backbone.
        size: Height and width of the pictures.

    Raises:
        BackboneError: It can't be made, or not by one expression.
        CodeError: It is its author's, and missing, not permitted here, or changed.
    """
    if specification.torchvision_name:
        builder = f"{MODELS}.{specification.torchvision_name}()"
        return WrittenNetwork(builder, built(Builder.parse(builder)), start=START)
    if not specification.is_traced:
        own = Builder.parse(specification.small_builder)
        imports, text = definition(OWN_FUNCTIONS[own.function], (own.function,))
        blocks = small_residual(specification.width, blocks=specification.blocks)
        return WrittenNetwork(f"nn.Sequential(*{own})", nn.Sequential(*blocks), imports, text)
    network = network_of(specification.model_copy(update={"stem": "original"}), size)
    if specification.name == THIN_VGG:
        imports, text = definition(OWN_FUNCTIONS["thin_vgg16"], ("thin_vgg16",))
        return WrittenNetwork(f"nn.Sequential(*thin_vgg16(width={specification.width}))", network, imports, text)
    if specification.dilated_name:
        imports, text = definition(_DILATED_FILE, ("dilated_resnet",))
        return WrittenNetwork(f"dilated_resnet({specification.dilated_name!r})", network, imports, text)
    if specification.timm_name:
        arguments = timm_arguments(specification.timm_name, specification.args, size)
        expression = f"timm.create_model({specification.timm_name!r}, pretrained=False{_keywords(arguments)})"
        start = "The network is one of timm, without its weights: pip install timm."
        return WrittenNetwork(expression, network, ("import timm",), packages=frozenset({"timm"}), start=start)
    return _of_its_author(specification, network)


def _of_its_author(specification: BackboneSpecification, network: nn.Module) -> WrittenNetwork:
    module, _, function = specification.reference.partition(":")
    expression = f"{module}.{function}({_keywords(specification.args).removeprefix(', ')})"
    made = called(specification.reference, specification.args, fingerprint=specification.code)
    imports = [f"import {module}"]
    if is_list(made):
        named = isinstance(made, Mapping | nn.ModuleDict)
        expression = (
            f"nn.Sequential(collections.OrderedDict({expression}))" if named else f"nn.Sequential(*{expression})"
        )
        imports += ["import collections"] if named else []
    elif type(made) is not type(network):
        raise BackboneError(
            f"{specification.reference[:80]} gives a {type(made).__name__} around its network, which no file can be "
            "written from. Return the network inside."
        )
    found = located(specification.reference, permitted_roots(specification.reference))
    return WrittenNetwork(
        expression,
        network,
        tuple(imports),
        packages=frozenset({module.partition(".")[0], *(name.partition(".")[0] for name in found.contents)}),
        start=_NEEDED.format(reference=specification.reference),
        contents={name: digest for name, (_, digest) in sorted(found.contents.items())},
    )


def _keywords(arguments: Mapping[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in arguments.items())
