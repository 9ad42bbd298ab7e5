"""The text of the standalone source; ``source`` fills the gaps."""

from string import Template

# In all three, a dollar sign marks a gap.
TREE = Template('''"""A tree-structured multi-task network: $title.

Made by Branchwise. Runs with torch$packages alone; pictures are read with numpy and Pillow.
Shared blocks run once per forward pass; every task has its own head.

    network = build("weights.safetensors")   # $weights
    answers = predict(network, ["a.png", "b.jpg"])

$start
"""

$imports

# Which tasks share each block, from the input: one list of groups per block.
LAYOUT = [
$layout
]

# Name, kind, number of outputs, and what the classes or labels are called, in the order of the outputs.
TASKS = [
$tasks
]

# What is done to a picture before the network sees it: resized, then (value - mean) / std of 0 to range.
PREPROCESSING = $preprocessing

# Where the numbers come from: measured metrics with split and seeds, membership of the splits, environment.
ABOUT = $about

$ends
INPUT_SHAPE = $input_shape
OUTPUT_SHAPE = $output_shape
BLOCK_PARAMETERS = $params


$blocks


$heads


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
        """Return the output of every task, by name, for what prepare gives."""
        state = {task: x for task in range(len(self.heads))}
        for copies, groups in zip(self.blocks, self.layout):
            for block, group in zip(copies, groups):
                out = block(state[group[0]])
                state.update(dict.fromkeys(group, out))
        return {name: self.heads[task](state[task]) for task, (name, *_) in enumerate(TASKS)}


def make_heads():
    """Return one head per task."""
    return [
        $head
        for _, kind, outputs, _ in TASKS
    ]


def build(weights=None):
    """Return the network, in evaluation mode with trained weights where their safetensors file is given."""
    network = TreeNetwork(make_blocks(), LAYOUT, make_heads())
    if weights is not None:
        network.load_state_dict(read_weights(weights))
        network.eval()
    # As it was trained; other orders of memory round differently.
    return network.to(memory_format=torch.channels_last)


$reading


def preprocessing():
    """Return PREPROCESSING.

    Raises:
        ValueError: Nothing was trained, so nothing is known.
    """
    if PREPROCESSING is None:
        raise ValueError("This network was not trained, so its preprocessing is unknown. Fill in PREPROCESSING.")
    return PREPROCESSING


def read(path):
    """Return the picture of a file as the network knows pictures, uint8 [height, width, 3]."""
    return read_picture(path, preprocessing())


def prepare(pictures):
    """Return uint8 pictures [n, height, width, 3] as the network takes them."""
    return normalised(pictures, preprocessing())


def predict(network, paths):
    """Return task -> answer for every file: a class, a list of labels, or a map as a tensor."""
    import numpy as np

    with torch.no_grad():
        outputs = network(prepare(np.stack([read(path) for path in paths])))
    return {name: answers(kind, classes, outputs[name]) for name, kind, _, classes in TASKS}


def main(paths):
    """Answer pictures with the weights beside this file; without pictures, check the network."""
    beside = pathlib.Path(__file__).with_name("weights.safetensors")
    network = build(beside if beside.exists() else None).eval()
    if paths:
        try:
            found = predict(network, paths)
        except ValueError as fault:
            raise SystemExit(str(fault)) from None
        for name, answer in found.items():
            print(f"{name}: {answer}")
        return
    with torch.no_grad():
        found = network(torch.randn(2, *INPUT_SHAPE))
    for name, answer in found.items():
        print(f"{name}: {list(answer.shape)}")
    held = sum(p.numel() for p in network.blocks.parameters())
    print(f"parameters: {held} in blocks, {sum(p.numel() for p in network.heads.parameters())} in heads")
    if held != BLOCK_PARAMETERS:
        raise SystemExit(f"The blocks should hold {BLOCK_PARAMETERS} parameters.")


if __name__ == "__main__":
    main(sys.argv[1:])
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

TRACED_IMPORTS = ("import math", "import torch", "import torchvision", "from torch import fx, nn")


START = """To start from weights of torchvision instead, give `weights="DEFAULT"` to the call in make_blocks:
torchvision then downloads them, and they expect its own preprocessing."""

MADE_FROM_IMPORTS = ("import hashlib", "import importlib.util", "import pathlib", "import sys")
MADE_FROM = Template('''# What makes the network, as it was in training: module -> SHA-256 of its file.
MADE_FROM = $contents


def check_made_from():
    """Check that what makes the network is there and as it was."""
    folder = str(pathlib.Path(__file__).resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    for name, known in MADE_FROM.items():
        try:
            spec = importlib.util.find_spec(name)
        except ImportError:
            spec = None
        if spec is None or not spec.origin:
            return f"The module {name}, which makes this network, is missing. Put it beside this file."
        content = pathlib.Path(spec.origin).read_bytes().replace(b"\\r\\n", b"\\n")
        if hashlib.sha256(content).hexdigest() != known:
            return f"{spec.origin} has changed since the weights were trained with it. Bring it back as it was."
    return ""


if fault := check_made_from():
    raise SystemExit(fault) if __name__ == "__main__" else ImportError(fault)

$imports
''')

PIECES = Template('''class Piece(nn.Module):
    """Part of a network: holds the modules it uses, called as there."""

    modules_used = ()
    renamed = {}
    constants = {}

    def __init__(self, network):
        super().__init__()
        for path in self.modules_used:
            self.place(path, network)
        for path, value in self.constants.items():
            self.owner(path).register_buffer(path.rpartition(".")[2], value)

    def owner(self, path):
        """Return the module that holds what is at a path, made where it is missing."""
        owner = self
        for name in path.split(".")[:-1]:
            if not hasattr(owner, name):
                owner.add_module(name, nn.Module())
            owner = getattr(owner, name)
        return owner

    def place(self, path, network):
        """Put the module or parameter of a network at its own path, or at its new one."""
        value = network
        for name in path.split("."):
            value = getattr(value, name)
        path = self.renamed.get(path, path)
        owner, last = self.owner(path), path.rpartition(".")[2]
        if isinstance(value, torch.Tensor) and not isinstance(value, nn.Parameter):
            owner.register_buffer(last, value)
        else:
            setattr(owner, last, value)


$classes


def make_blocks():
    """Return the blocks, in training mode."""
    network = $builder$shrink
    return [
$made
    ]
''')
