"""What a network is shown while it is traced: batches of two sizes with different numbers."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map

from core.errors import BackboneError
from core.networks.outputs import named_leaves


@dataclass(frozen=True, eq=False)
class Inputs:
    """The arguments of one call of a network: tensors, plain values, and collections of both.

    Args:
        args: In order.
        kwargs: By name.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @classmethod
    def of(cls, example: "Example") -> "Inputs":
        """Return an example as arguments: a tensor, a tuple in order, or a dictionary by name.

        Raises:
            BackboneError: It holds no tensor, or one inside another collection, or the first has no batch.
        """
        if isinstance(example, Inputs):
            found = example
        elif isinstance(example, Tensor):
            found = cls((example,), {})
        elif isinstance(example, Mapping):
            found = cls((), {str(name): value for name, value in example.items()})
        else:
            found = cls(tuple(example) if isinstance(example, tuple | list) else (), {})
        foreign = [
            leaf for leaf in tree_leaves(found._values) if not isinstance(leaf, Tensor | int | float | str | None)
        ]
        if not found.tensors or foreign:
            kind = type(foreign[0] if foreign else example).__name__
            raise BackboneError(
                f"The example input holds a {kind}. Give a tensor, a tuple of tensors, or a dictionary of them by name."
            )
        if found.tensors[0].dim() == 0 or found.tensors[0].shape[0] == 0:
            raise BackboneError(
                f"The example input has the shape {list(found.tensors[0].shape)}. Its first dimension is the batch: "
                "give at least one."
            )
        return found

    @property
    def _values(self) -> list[Any]:
        return [*self.args, *self.kwargs.values()]

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors, in order."""
        return [leaf for leaf in tree_leaves(self._values) if isinstance(leaf, Tensor)]

    @property
    def names(self) -> list[str]:
        """A name for each tensor: that of the argument, else ``x``, ``x1``, …, with keys and places inside it."""
        named = {f"x{i}" if i else "x": value for i, value in enumerate(self.args)} | self.kwargs
        return [re.sub(r"\W", "_", name) for name in named_leaves(named, Tensor)]

    @property
    def is_tensor(self) -> bool:
        """Whether it is one tensor, in order."""
        return len(self.args) == 1 and isinstance(self.args[0], Tensor) and len(self.tensors) == 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the first tensor, without the batch."""
        return tuple(self.tensors[0].shape[1:])

    def run(self, model: nn.Module) -> Any:  # noqa: ANN401
        """Return what the network gives."""
        return model(*self.args, **self.kwargs)

    def fitted(self, model: nn.Module) -> "Inputs":
        """Return the call as a network's ``forward`` takes it: a dictionary by name, or as its one argument.

        Inputs of 32 bits follow the precision of the weights, where they all have another one.

        Raises:
            BackboneError: Its forward needs others.
        """
        kinds = {p.dtype for p in model.parameters() if p.is_floating_point()}
        if len(kinds) == 1 and torch.float32 not in kinds:
            (kind,) = kinds
            return self.with_tensors([t.to(kind) if t.dtype == torch.float32 else t for t in self.tensors])._placed(
                model
            )
        return self._placed(model)

    def _placed(self, model: nn.Module) -> "Inputs":
        signature = inspect.signature(model.forward)
        named = [name for name, p in signature.parameters.items() if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
        in_order = [p for p in signature.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        spare = self.args[len(in_order) :]
        if spare and not self.kwargs and len(spare) == len(named):
            return replace(self, args=self.args[: len(in_order)], kwargs=dict(zip(named, spare, strict=True)))
        try:
            signature.bind(*self.args, **self.kwargs)
        except TypeError as error:
            kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            needed = [p.name for p in signature.parameters.values() if p.default is p.empty and p.kind not in kinds]
            # Where it takes further ones, a name is more likely misspelt.
            optional = any(p.default is None for p in signature.parameters.values())
            if len(needed) == 1 and not optional and self.kwargs and not self.args:
                return replace(self, args=(dict(self.kwargs),), kwargs={})
            raise BackboneError(
                f"{type(model).__name__}.forward takes {len(needed)} inputs ({', '.join(needed)[:120]}), "
                f"the example gives {len(self._values)}: {error}. Give each its own --input NAME=SIZES, or --example."
            ) from None
        return self

    def with_tensors(self, tensors: list[Tensor]) -> "Inputs":
        """Return the same call with other tensors."""
        left = iter(tensors)
        args, kwargs = tree_map(lambda leaf: next(left) if isinstance(leaf, Tensor) else leaf, (self.args, self.kwargs))
        return replace(self, args=args, kwargs=kwargs)

    def drawn(self, batch: int, variant: int) -> "Inputs":
        """Return ``batch`` inputs like the example; another variant has other numbers.

        Numbers of an example that is all zero are drawn; those of a real one are kept in
        variant 0 and shuffled in others, so that tokens stay within the vocabulary.

        Args:
            batch: Size of the batch.
            variant: Zero for the example itself.
        """
        size = self.tensors[0].shape[0]
        generator = torch.Generator().manual_seed(variant)
        return self.with_tensors(
            [
                _drawn(t[torch.arange(batch) % size] if t.dim() and t.shape[0] == size else t, variant, generator)
                for t in self.tensors
            ]
        )


def _drawn(tensor: Tensor, variant: int, generator: torch.Generator) -> Tensor:
    tensor = tensor.detach().clone()
    if tensor.is_meta:
        return tensor
    noise = torch.randn(tensor.shape, generator=generator) if tensor.is_floating_point() else None
    if noise is not None and not tensor.any():
        return noise.to(tensor)
    if variant == 0 or not tensor.dim():
        return tensor
    shuffled = tensor.flatten()[torch.randperm(tensor.numel(), generator=generator).to(tensor.device)]
    shuffled = shuffled.reshape(tensor.shape)
    if noise is None or tensor.numel() < 2:
        return shuffled
    return shuffled + 0.05 * tensor.float().std().nan_to_num() * noise.to(tensor)


# One tensor, several in order, or several by the names that ``forward`` has for them.
Example = Tensor | tuple[Any, ...] | list[Any] | Mapping[str, Any] | Inputs
