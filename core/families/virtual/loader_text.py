"""What the loader of a deployed virtual network has beside what all loaders have; ``deployment`` fills the gaps."""

from string import Template
from typing import Final

TITLE: Final = "A deep virtual network: one set of weights, in which each task has a network for each memory budget."
# In all three, a dollar sign marks a gap.
USAGE: Final = Template("""
    network = Virtual()
    answers = network.predict(["a.png", "b.jpg"], $first, memory=2_000_000)
    network.switch($first, level=0)     # keeps what is there and reads the rest

    python load.py TASK [--level N | --memory BYTES] PICTURE …     # answers pictures
    python load.py                                                 # checks every file
""")
CONSTANTS: Final = Template("""# Unit of each channel until the pattern begins anew; -1: every level has it.
PATTERN = $pattern
# Layers that read the picture, which have all of its channels.
PICTURES = $pictures""")
FAMILY: Final = Template('''def make_head(task, n_units):
    """Return the head of a task's level with so many units."""
    return {
$heads
    }[task][n_units - 1]()


class Virtual(Folder):
    """The network of one task's level in memory; a switch reads only what is not there."""

    def __init__(self, folder=FOLDER):
        super().__init__(folder)
        self.orders = dict(zip(self.tasks, self.manifest["units"]))
        with torch.device("meta"):
            blocks = make_blocks()
        self.loaded = LevelNetwork(
            blocks,
            PATTERN,
            PICTURES,
            heads=make_head,
            read_piece=lambda pair: self.read("units", units=list(pair))["weights"],
            read_own=lambda task, level: self.read("level", task=task, level=level),
        )

    def switch(self, task, level=None):
        """Load a level of a task, the last one by default."""
        last = len(self.known(task)["levels"]) - 1
        level = last if level is None else level
        if type(level) is not int or level not in range(last + 1):
            raise ValueError(f"There is no level {level!r}. Choose a whole number from 0 to {last}.")
        self.loaded.switch(task, self.orders[task][: level + 1])
        self.name = task

    def choose(self, task, memory):
        """Load the highest level of a task that fits into some bytes of memory."""
        if not isinstance(memory, (int, float)):
            raise ValueError(f"Memory is a number of bytes. Found {memory!r}.")
        needed = [level["resident_bytes"] for level in self.known(task)["levels"]]
        fitting = [level for level, size in enumerate(needed) if size <= memory]
        if not fitting:
            raise ValueError(f"The first level of {task!r} takes {needed[0]:,} bytes of memory. Allow as many.")
        self.switch(task, fitting[-1])

    def predict(self, paths, task=None, memory=None):
        """Return the answer for every file: classes, lists of labels, or maps as a tensor.

        Without a task it is the one that is loaded, with a level of it; without bytes of memory another task's last.
        """
        if memory is not None:
            self.choose(self.task["name"] if task is None else task, memory)
        elif task is not None and task != self.name:
            self.switch(task)
        return super().predict(paths)

    def __call__(self, x):
        """Return the output of the level that is loaded."""
        return self.loaded(x)


def command(words):
    """Answer pictures; without any, load every level of every task once."""
    network = Virtual()
    if not words:
        for task, said in network.tasks.items():
            for level in range(len(said["levels"])):
                network.switch(task, level)
                print(f"{task}, level {level}: {network.loaded.resident_bytes:,} bytes")
        return
    task, *rest = words
    level, memory = [None if option not in rest else number(rest, option) for option in ("--level", "--memory")]
    if level is not None and memory is not None:
        raise ValueError("Give --level or --memory, not both.")
    network.switch(task, level) if memory is None else network.choose(task, memory)
    print(network.predict(rest) if rest else "Name a picture.")


def number(words, option):
    """Take an option and its whole number out of words, and return the number."""
    place = words.index(option)
    value = "".join(words[place + 1 : place + 2])
    del words[place : place + 2]
    if not value.isdecimal():
        raise ValueError(f"{option} takes a whole number. Found {value[:40]!r}.")
    return int(value)
''')
