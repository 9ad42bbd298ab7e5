"""Single-tensor cuts against the definition: take the node away and no path is left."""

import networkx as nx
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import fx, nn

from core.networks.cuts import block_ends, segments, single_tensor_nodes
from core.networks.trace import Trace, trace


@st.composite
def graphs(draw: st.DrawFn) -> fx.GraphModule:
    """Give a random network of sums: every node adds two earlier ones."""
    root = nn.Module()
    root.weight = nn.Parameter(torch.ones(3))
    graph = fx.Graph()
    nodes = [graph.placeholder("x")]
    for _ in range(draw(st.integers(1, 12))):
        # Mostly recent nodes, so that there is something to cut.
        a, b = (nodes[-1 - draw(st.integers(0, min(2, len(nodes) - 1)))] for _ in range(2))
        nodes.append(graph.call_function(torch.add, (a, b)))
    if draw(st.booleans()):
        nodes.append(graph.call_function(torch.mul, (nodes[-1], graph.get_attr("weight"))))
    graph.output(nodes[-1])
    return fx.GraphModule(root, graph)


def brute_force(found: Trace) -> list[fx.Node]:
    flow = nx.DiGraph((a, node) for node in found.live for a in node.all_input_nodes)
    flow.add_node(found.input)
    cuts = []
    for node in found.graph.nodes:
        without = flow.subgraph(set(flow) - {node})
        passes = node in flow and node not in (found.input, found.output) and node.op != "get_attr"
        if passes and not nx.has_path(without, found.input, found.output):
            cuts.append(node)
    return [*cuts, found.output]


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_cuts_are_the_nodes_that_every_path_passes(model: fx.GraphModule) -> None:
    found = trace(model, torch.ones(2, 3))
    assert single_tensor_nodes(found) == brute_force(found)


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_segments_hold_every_node_once(model: fx.GraphModule) -> None:
    found = trace(model, torch.ones(2, 3))
    pieces = segments(found)
    assert tuple(node for piece in pieces for node in piece.nodes) == found.data[1:]
    assert [piece.start for piece in pieces] == [found.input, *(piece.end for piece in pieces[:-1])]
    assert pieces[-1].end is found.output


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=20).filter(any))
def test_every_block_holds_exactly_one_weighted_piece(weighted: list[bool]) -> None:
    found = trace(nn.Sequential(*(nn.Linear(3, 3) if w else nn.Tanh() for w in weighted)), torch.ones(2, 3))
    pieces = segments(found)
    assert [piece.weighted for piece in pieces] == weighted
    ends = block_ends(pieces)
    starts = [0, *(end + 1 for end in ends[:-1])]
    assert [sum(weighted[a : b + 1]) for a, b in zip(starts, ends, strict=True)] == [1] * sum(weighted)
