"""A traced network cut at its exits: what each path computes beyond the one before it, as modules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, fx, nn

from core.errors import BackboneError
from core.families.multipath.ladder import Ladder
from core.networks.outputs import needed_by
from core.networks.state import evaluating
from core.networks.trace import Trace

_NAME: Final = "x{}"


class Stage(nn.Module):
    """What one path computes beyond the path before it.

    Values that later stages need travel by number: an exit inside a residual block leaves the block's input
    behind, too.

    Args:
        body: Takes the values of ``takes`` and returns those of ``gives``.
        takes: Numbers of values that earlier stages have computed; 0 is the input of the network.
        gives: Numbers of values that it computes for later stages, and for the head.
        end: Number of the value that the exit's head receives.
    """

    def __init__(self, body: nn.Module, takes: Sequence[int], gives: Sequence[int], end: int) -> None:
        super().__init__()
        self.body = body
        self.takes, self.gives, self.end = tuple(takes), tuple(gives), end

    def forward(self, values: Mapping[int, Any]) -> dict[int, Any]:
        """Return the values that are known after this stage."""
        found = self.body(*(values[number] for number in self.takes))
        return {**values, **dict(zip(self.gives, found, strict=True))}


def stages_of(ladder: Ladder) -> list[Stage]:
    """Return one stage for each exit of a ladder; they hold the network's own modules and weights, each once.

    Args:
        ladder: A traced network of one input, and its exits.

    Raises:
        BackboneError: The network uses the same weights before and behind an exit, so that its paths are not
            nested, or it does something else when it runs stage by stage.
    """
    trace = ladder.trace
    paths = [needed_by(node) for node in ladder.nodes]
    own = [
        [node for node in trace.graph.nodes if node in path and node not in before and node.op != "placeholder"]
        for path, before in zip(paths, [frozenset[fx.Node](), *paths[:-1]], strict=True)
    ]
    _check_held_once(trace, own, ladder)
    stages = _Writer(trace, own, ladder.nodes).stages()
    _check_same(ladder, stages)
    return stages


def _check_held_once(trace: Trace, own: Sequence[Sequence[fx.Node]], ladder: Ladder) -> None:
    held: dict[int, int] = {}
    for place, nodes in enumerate(own):
        for node in nodes:
            for parameter in trace.parameters_of(node):
                if held.setdefault(id(parameter), place) != place:
                    raise BackboneError(
                        f'The network uses the weights of "{node.target}" before and behind the exit '
                        f'"{ladder.exits[place - 1].name}". Put the exit where all their uses are on one side.'
                    )


def _check_same(ladder: Ladder, stages: Sequence[Stage]) -> None:
    """Compare the last exit with the same nodes run as they were traced, on random numbers."""
    trace, whole = ladder.trace, nn.ModuleList(stages)
    example = trace.inputs.drawn(2, 1).tensors
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    wanted = needed_by(ladder.nodes[-1])
    for node in trace.graph.nodes:
        if node in wanted or node in trace.placeholders:
            copies[node] = graph.node_copy(node, lambda argument: copies[argument])
    graph.output(copies[ladder.nodes[-1]])
    plain = fx.GraphModule(_root(trace, graph), graph)
    with evaluating(whole), evaluating(plain), torch.no_grad():
        values: dict[int, Any] = {0: example[0].clone()}
        for stage in stages:
            values = stage(values)
        expected = plain(*(tensor.clone() for tensor in example))
        same = torch.equal(values[stages[-1].end], expected)
    if not same:
        raise BackboneError(
            f"{type(trace.model).__name__} does something else when it runs from exit to exit. Choose other exits."
        )


def _root(trace: Trace, graph: fx.Graph) -> dict[str, Any]:
    named = (str(node.target) for node in graph.nodes if node.op in ("call_module", "get_attr"))
    return {name: trace.root[name] for name in named}


def joined(stages: Sequence[Stage], named: Callable[[str], str] = str) -> fx.GraphModule:
    """Return stages as one module from pictures to what the last exit's head receives; it shares their weights.

    Args:
        stages: From the input.
        named: Returns what a module or tensor is called in it, from what it is called in the stages.
    """
    graph, root = fx.Graph(), dict[str, Any]()
    values: dict[int, Any] = {0: graph.placeholder("x")}
    for stage in stages:
        body = stage.body
        assert isinstance(body, fx.GraphModule)
        taken, copies = iter(stage.takes), dict[fx.Node, Any]()
        for node in body.graph.nodes:
            if node.op == "placeholder":
                copies[node] = values[next(taken)]
            elif node.op == "output":
                given = [copies[found] for found in node.args[0]]
                values |= dict(zip(stage.gives, given, strict=True))
            else:
                copies[node] = graph.node_copy(node, copies.__getitem__)
                if node.op in ("call_module", "get_attr"):
                    name = named(str(node.target))
                    root[name] = attribute(body, str(node.target))
                    copies[node].target = name
    graph.output(values[stages[-1].end])
    module = fx.GraphModule(root, graph, class_name="Path")
    for box in module.modules():
        if type(box) is nn.Module or box is module:
            box.training = stages[-1].training
    return module


def attribute(module: nn.Module, path: str) -> Any:  # noqa: ANN401  # a module or a tensor
    """Return what is at a path inside a module; None where there is nothing."""
    found: Any = module
    for part in path.split("."):
        found = getattr(found, part, None)
    return found


class _Writer:
    """Copies the nodes of each stage into a graph of its own."""

    def __init__(self, trace: Trace, own: Sequence[Sequence[fx.Node]], ends: Sequence[fx.Node]) -> None:
        self.trace, self.own, self.ends = trace, own, ends
        self.stage_of = {node: place for place, nodes in enumerate(own) for node in nodes}
        self.numbers: dict[fx.Node, int] = {trace.input: 0}

    def stages(self) -> list[Stage]:
        if len(self.trace.placeholders) != 1:
            raise BackboneError(
                f"{type(self.trace.model).__name__} takes {len(self.trace.placeholders)} inputs, and a multi-path "
                "network takes one. Wrap it in a module of one input."
            )
        return [self._stage(place) for place in range(len(self.own))]

    def _stage(self, place: int) -> Stage:
        taken = list(
            dict.fromkeys(
                argument
                for node in self.own[place]
                for argument in node.all_input_nodes
                if self.stage_of.get(argument, -1) < place
            )
        )
        graph = fx.Graph()
        copies: dict[fx.Node, fx.Node] = {}
        written: list[fx.Node] = []
        entries = [graph.placeholder(_NAME.format(self.numbers[node])) for node in taken]
        for node, entry in zip(taken, entries, strict=True):
            copies[node] = entry
            if self.trace.readings[node].written:
                # The head of an earlier exit reads this tensor, too: it must stay as it is.
                copies[node] = graph.call_method("clone", (entry,))
                written.append(node)
        for node in self.own[place]:
            copies[node] = graph.node_copy(node, lambda argument: copies[argument])
        end = self.ends[place]
        given = [
            node
            for node in (*written, *self.own[place])
            if node is end or any(self.stage_of.get(user, -1) > place for user in node.users)
        ]
        for node in given:
            self.numbers.setdefault(node, len(self.numbers))
        graph.output(tuple(copies[node] for node in given))
        body = fx.GraphModule(_root(self.trace, graph), graph, class_name=f"Stage{place}")
        for box in body.modules():
            # The boxes around the network's modules are new: they begin in its mode.
            if type(box) is nn.Module or box is body:
                box.training = self.trace.model.training
        numbers = self.numbers
        return Stage(body, [numbers[n] for n in taken], [numbers[n] for n in given], numbers[end])


def start(x: Tensor) -> dict[int, Any]:
    """Return the values that are known before the first stage."""
    return {0: x}
