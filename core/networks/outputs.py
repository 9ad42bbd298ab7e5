"""Which of several outputs of a network is meant, and where they part."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from torch import Tensor, fx

# What people call the answer among auxiliary ones.
MAIN = "out"


def named_leaves(value: Any, kind: type, name: str = "") -> dict[str, Any]:  # noqa: ANN401
    """Return the values of one type inside nested collections, by keys and places joined with dots.

    Args:
        value: A value, or lists, tuples, dictionaries and dataclasses of values.
        kind: The type wanted, such as ``Tensor``.
        name: What the value itself is called.

    >>> named_leaves({"a": 1.5, "b": [2.5, None]}, float)
    {'a': 1.5, 'b.0': 2.5}
    """
    if isinstance(value, kind):
        return {name: value}
    found: dict[str, Any] = {}
    for key, item in _items(value):
        found |= named_leaves(item, kind, f"{name}.{key}" if name else key)
    return found


def _items(value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True))
    if isinstance(value, list | tuple):
        return [(str(i), item) for i, item in enumerate(value)]
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name, None)) for field in fields(value)]
    return []


def tensors_of(value: Any) -> dict[str, Tensor]:  # noqa: ANN401
    """Return the tensors of what a network returned, by name; a single tensor has an empty name."""
    return named_leaves(value, Tensor)


@dataclass(frozen=True, slots=True)
class Choice:
    """The outputs that are kept.

    Args:
        kept: Names of the outputs that follow the trunk; one, or several that part after it.
        left_out: Names of the others.
    """

    kept: tuple[str, ...]
    left_out: tuple[str, ...]


def bundle(names: tuple[str, ...], *tensors: Tensor) -> dict[str, Tensor]:
    """Return several outputs as one dictionary."""
    return dict(zip(names, tensors, strict=True))


def choose(outputs: Mapping[str, fx.Node], weighted: frozenset[fx.Node], data: frozenset[fx.Node]) -> Choice:
    """Return which outputs a chain of blocks and a head can give.

    * Where all outputs but one only look at what leads to that one, as in lists of feature
      maps, that one is the deepest and is kept alone.
    * Where they part behind a common trunk, all are kept: the head gives them.
    * Where an output called ``out`` has auxiliary ones beside it that leave its path
      earlier, it is kept alone.

    Args:
        outputs: Name → node.
        weighted: Nodes that hold weights other than those of normalisation.
        data: Nodes that depend on the input; other outputs are constants.
    """
    varying = {name: node for name, node in outputs.items() if node in data}
    before = {name: needed_by(node) for name, node in varying.items()}
    # Taking an item out of a tuple is no step: a recurrent layer's sequence is as deep as its states, and comes first.
    steps = {name: sum(node.target is not operator.getitem for node in before[name] & data) for name in varying}
    order = sorted(varying, key=lambda name: steps[name], reverse=True)
    for name in order:
        if all(not ((before[other] - before[name]) & weighted) for other in varying):
            return _only(name, outputs)
    behind = MAIN in varying and all(
        varying[MAIN] in before[other] or not ((before[other] - before[MAIN]) & weighted) for other in varying
    )
    if MAIN in varying and not behind:
        return _only(MAIN, outputs)
    return Choice(tuple(varying), tuple(name for name in outputs if name not in varying))


def _only(name: str, outputs: Mapping[str, fx.Node]) -> Choice:
    return Choice((name,), tuple(other for other in outputs if other != name))


def needed_by(node: fx.Node) -> frozenset[fx.Node]:
    """Return a node and all that it is computed from."""
    found, stack = {node}, [node]
    while stack:
        for argument in stack.pop().all_input_nodes:
            if argument not in found:
                found.add(argument)
                stack.append(argument)
    return frozenset(found)
