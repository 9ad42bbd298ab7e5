"""What the loader of a deployed tree has beside what all loaders have; ``loader_source`` fills the gaps."""

from string import Template
from typing import Final

TITLE: Final = "A TreeDNN: one trunk that stays in memory, and a branch for each task, read when needed."
# In both, a dollar sign marks a gap.
USAGE: Final = Template("""
    tree = Tree()
    tree.switch($first)
    answers = tree.predict(["a.png", "b.jpg"])

    python load.py TASK PICTURE …     # answers pictures
    python load.py                    # checks every file
""")
ADAPTER: Final = '''class Adapter(nn.Sequential):
    """Takes the channels of the trunk to those of a thinner or wider branch."""

    def __init__(self, inputs, outputs):
        super().__init__(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
'''
TREE: Final = Template('''class Branch(nn.Module):
    """What follows the trunk for one task: blocks and a head."""

    def __init__(self, blocks, head):
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
        self.head = head

    def forward(self, features):
        """Return the output of the head for the features of the trunk."""
        return self.head(self.blocks(features))


def picked(blocks, numbers):
    """Return the blocks of these numbers, from the input; one that is named twice is there twice."""
    return [copy.deepcopy(blocks[number]) for number in numbers]


def make_trunk():
    """Return the trunk."""
    return nn.Sequential(*make_blocks()[:CUT])


def make_branch(name):
    """Return the branch of a task."""
    return {
$branches
    }[name]()


class Tree(Folder):
    """A trunk and at most one branch in memory."""

    def __init__(self, folder=FOLDER):
        super().__init__(folder)
        self.branch = None
        self.trunk = self.filled(make_trunk(), "trunk", "")

    def filled(self, module, role, task):
        """Return a module with its trained weights, in evaluation mode."""
        module.load_state_dict(self.read(role, task=task))
        # As it was trained; other orders of memory round differently.
        return module.eval().to(memory_format=torch.channels_last)

    def switch(self, name):
        """Load the branch of a task; the one before is dropped."""
        self.known(name)
        if name != self.name:
            self.branch, self.name = self.filled(make_branch(name), "branch", name), name

    def __call__(self, x):
        """Return the output of the branch."""
        return self.branch(self.trunk(x))


def command(words):
    """Answer pictures; without any, load every branch once."""
    tree = Tree()
    if words:
        tree.switch(words[0])
        print(tree.predict(words[1:]) if words[1:] else "Name a picture.")
        return
    for name in tree.tasks:
        tree.switch(name)
        print(f"{name}: {sum(p.numel() for p in tree.branch.parameters())} parameters beyond the trunk")
''')
