"""What a network is shown while it is traced: batches of two sizes with different numbers."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import BackboneError

# One tensor, several in order, or several by the names that ``forward`` has for them.
Example = Tensor | tuple[Any, ...] | list[Any] | Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Inputs:
    """The arguments of one call of a network.

    Args:
        args: In order.
        kwargs: By name.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @classmethod
    def of(cls, example: Example) -> "Inputs":
        """Return an example as arguments: a tensor, a tuple in order, or a dictionary by name.

        Raises:
            BackboneError: It holds no tensor, or one inside another collection, or the first has no batch.
        """
        if isinstance(example, Tensor):
            found = cls((example,), {})
        elif isinstance(example, Mapping):
            found = cls((), dict(example))
        else:
            found = cls(tuple(example) if isinstance(example, tuple | list) else (), {})
        nested = [v for v in found._values if not isinstance(v, Tensor | int | float | str | None)]
        if not found.tensors or nested:
            kind = type(nested[0] if nested else example).__name__
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
        return [value for value in self._values if isinstance(value, Tensor)]

    @property
    def names(self) -> list[str]:
        """A name for each tensor: that of the argument, else ``x``, ``x1``, …"""
        places = [f"x{i}" if i else "x" for i, v in enumerate(self.args) if isinstance(v, Tensor)]
        return [*places, *(name for name, v in self.kwargs.items() if isinstance(v, Tensor))]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the first tensor, without the batch."""
        return tuple(self.tensors[0].shape[1:])

    def run(self, model: nn.Module) -> Any:  # noqa: ANN401
        """Return what the network gives."""
        return model(*self.args, **self.kwargs)

    def check(self, model: nn.Module) -> None:
        """Check that a network takes as many inputs.

        Raises:
            BackboneError: Its forward needs others.
        """
        signature = inspect.signature(model.forward)
        try:
            signature.bind(*self.args, **self.kwargs)
        except TypeError as error:
            kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            needed = [p.name for p in signature.parameters.values() if p.default is p.empty and p.kind not in kinds]
            raise BackboneError(
                f"{type(model).__name__}.forward takes {len(needed)} inputs ({', '.join(needed)[:120]}), "
                f"the example gives {len(self._values)}: {error}. Give them as a dictionary, with --example."
            ) from None

    def with_tensors(self, tensors: list[Tensor]) -> "Inputs":
        """Return the same call with other tensors."""
        left = iter(tensors)
        args = tuple(next(left) if isinstance(v, Tensor) else v for v in self.args)
        return replace(
            self,
            args=args,
            kwargs={name: next(left) if isinstance(v, Tensor) else v for name, v in self.kwargs.items()},
        )

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
    return shuffled if noise is None else shuffled + 0.05 * tensor.float().std().nan_to_num() * noise.to(tensor)
