"""The text of a deployed tree's loader; ``loader_source`` fills the gaps."""

from string import Template
from typing import Final

# A dollar sign marks a gap.
LOADER: Final = Template('''"""A TreeDNN: one trunk that stays in memory, and a branch for each task, read when needed.

Made by Branchwise. Runs with torch$packages alone; pictures are read with numpy and Pillow.
The files beside this one hold the weights, and manifest.json says what they are and what they reached.

    tree = Tree()
    tree.switch($first)
    answers = tree.predict(["a.png", "b.jpg"])

    python load.py TASK PICTURE …     # answers pictures
    python load.py                    # checks every file
"""

$imports

FOLDER = pathlib.Path(__file__).parent
# Blocks of the trunk, counted from the input.
CUT = $cut


$blocks


$heads


$reading


$adapter


class Branch(nn.Module):
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


class Tree:
    """A trunk and at most one branch in memory.

    Every file is checked against the manifest when it is read.
    """

    def __init__(self, folder=FOLDER):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        self.tasks = {task["name"]: task for task in self.manifest["tasks"]}
        self.name, self.branch = None, None
        self.trunk = self.filled(make_trunk(), "trunk", "")

    def filled(self, module, role, task):
        """Return a module with its trained weights, in evaluation mode."""
        (entry,) = [file for file in self.manifest["files"] if (file["role"], file.get("task", "")) == (role, task)]
        path = self.folder / entry["path"]
        if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            raise ValueError(f"{path.name} is not the file that manifest.json names. Copy it again.")
        module.load_state_dict(read_weights(path))
        # As it was trained; other orders of memory round differently.
        return module.eval().to(memory_format=torch.channels_last)

    def switch(self, name):
        """Load the branch of a task; the one before is dropped."""
        if name not in self.tasks:
            raise ValueError(f"There is no task {name!r}. Choose from: {', '.join(self.tasks)}.")
        if name != self.name:
            self.branch, self.name = self.filled(make_branch(name), "branch", name), name

    def outputs(self, pictures):
        """Return the outputs for uint8 pictures [n, height, width, 3] of the task that is switched to."""
        with torch.no_grad():
            return self.branch(self.trunk(normalised(pictures, self.task["preprocessing"])))

    @property
    def task(self):
        """What the manifest says of the task that is switched to."""
        if self.name is None:
            raise ValueError(f"Switch to a task first: {', '.join(self.tasks)}.")
        if "preprocessing" not in self.tasks[self.name]:
            raise ValueError("This tree was not trained, so its preprocessing is unknown.")
        return self.tasks[self.name]

    def predict(self, paths):
        """Return the answer for every file: classes, lists of labels, or maps as a tensor."""
        import numpy as np

        task = self.task
        pictures = np.stack([read_picture(path, task["preprocessing"]) for path in paths])
        return answers(task["kind"], task.get("classes") or [], self.outputs(pictures))


def main(words):
    """Answer pictures; without any, load every branch once."""
    tree = Tree()
    if words:
        try:
            tree.switch(words[0])
            print(tree.predict(words[1:]) if words[1:] else "Name a picture.")
        except ValueError as fault:
            raise SystemExit(str(fault)) from None
        return
    for name in tree.tasks:
        tree.switch(name)
        print(f"{name}: {sum(p.numel() for p in tree.branch.parameters())} parameters beyond the trunk")


if __name__ == "__main__":
    main(sys.argv[1:])
''')
