"""The text of the standalone source; ``source`` fills the gaps."""

from string import Template

# In all three, a dollar sign marks a gap.
TREE = Template('''"""A tree-structured multi-task network: $title.

Made by Branchwise. Runs with torch and torchvision alone. Shared blocks run once per forward
pass; every task has its own head. Replace the heads by your own: each takes what the last
block gives. To start from pre-trained weights, give `weights=` to the call in make_blocks.
"""

$imports

# Which tasks share each block, from the input: one list of groups per block.
LAYOUT = [
$layout
]

# Name, outputs, and whether the answer is a map as large as the picture.
TASKS = [
$tasks
]

# Where each block ends.
ENDS = $ends
INPUT_SHAPE = $input_shape
CHANNELS = $inputs
BLOCK_PARAMETERS = $params


$blocks


class ClassificationHead(nn.Module):
    """Average pooling and one linear layer."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x):
        return self.linear($pooled)


class DenseHead(nn.Module):
    """Two 3×3 convolutions and up-sampling to the size of the picture."""

    def __init__(self, inputs, outputs, size, hidden=16):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, hidden, 3, padding=1), nn.ReLU(), nn.Conv2d(hidden, outputs, 3, padding=1)
        )
        self.size = size

    def forward(self, x):
        return nn.functional.interpolate(self.layers($maps), size=self.size, mode="bilinear", align_corners=False)


class TreeNetwork(nn.Module):
    """blocks[b][g] is the copy of block b for group g of LAYOUT[b]; heads[t] belongs to task t."""

    def __init__(self, blocks, layout, heads):
        super().__init__()
        self.layout = layout
        self.blocks = nn.ModuleList(
            nn.ModuleList(copy.deepcopy(block) for _ in groups) for block, groups in zip(blocks, layout)
        )
        self.heads = nn.ModuleList(heads)

    def forward(self, x):
        """Return the output of every task, by name."""
        state = {task: x for task in range(len(self.heads))}
        for copies, groups in zip(self.blocks, self.layout):
            for block, group in zip(copies, groups):
                out = block(state[group[0]])
                state.update(dict.fromkeys(group, out))
        return {name: self.heads[task](state[task]) for task, (name, _, _) in enumerate(TASKS)}


def build():
    """Return the network; copies of one block start from the same weights."""
    heads = [
        DenseHead(CHANNELS, outputs, $size) if dense else ClassificationHead(CHANNELS, outputs)
        for _, outputs, dense in TASKS
    ]
    return TreeNetwork(make_blocks(), LAYOUT, heads)


if __name__ == "__main__":
    network = build().eval()
    with torch.no_grad():
        answers = network(torch.randn(2, *INPUT_SHAPE))
    for name, answer in answers.items():
        print(f"{name}: {list(answer.shape)}")
    held = sum(p.numel() for p in network.blocks.parameters())
    print(f"parameters: {held} in blocks, {sum(p.numel() for p in network.heads.parameters())} in heads")
    if held != BLOCK_PARAMETERS:
        raise SystemExit(f"The blocks should hold {BLOCK_PARAMETERS} parameters.")
''')

SMALL = Template('''$definition


def make_blocks():
    """Return the blocks: the modules up to each end, joined."""
    parts = $builder
    starts = [0, *(end + 1 for end in ENDS[:-1])]
    return [nn.Sequential(*parts[a : b + 1]) if b > a else parts[a] for a, b in zip(starts, ENDS)]
''')

TRACED = Template('''class OperatorTracer(fx.Tracer):
    """Stops at operators: modules without children, and those of torch and torchvision."""

    def __init__(self):
        super().__init__(autowrap_modules=(math, torchvision.ops))

    def is_leaf_module(self, m, module_qualified_name):
        if type(m).__module__.startswith("torchvision.ops"):
            return not isinstance(m, nn.Sequential)
        childless = not list(m.children()) and not isinstance(m, (nn.ModuleList, nn.ModuleDict))
        return childless or super().is_leaf_module(m, module_qualified_name)


def split(model, ends):
    """Return the parts of a network that end at the nodes named in `ends`; its own head is left out."""
    nodes = {node.name: node for node in OperatorTracer().trace(model.eval()).nodes}
    missing = [end for end in ends if end not in nodes]
    if missing:
        raise SystemExit(f"This version of torchvision has no node {missing[0]!r}; export the layout again.")
    parts, start = [], next(iter(nodes.values()))
    for end in (nodes[name] for name in ends):
        needed, stack = set(), [end]
        while stack:
            node = stack.pop()
            if node is not start and node not in needed:
                needed.add(node)
                stack.extend(node.all_input_nodes)
        graph = fx.Graph()
        # A copy, since another branch may read the same tensor and some operators write in place.
        copies = {start: graph.call_method("clone", (graph.placeholder("x"),))}
        for node in nodes.values():
            if node in needed:
                copies[node] = graph.node_copy(node, copies.__getitem__)
        graph.output(copies[end])
        parts.append(fx.GraphModule(model, graph, class_name="Block"))
        start = end
    return parts


def make_blocks():
    """Return the blocks, in training mode."""
    return [block.train() for block in split($builder, ENDS)]
''')

TRACED_IMPORTS = """import copy
import math

import torch
import torchvision
from torch import fx, nn"""
