"""``planted``: made-up tasks whose true sharing tree is known, with a dial for how related they are.

The model. Every group of every block of the true tree owns one hidden factor, and every task
one of its own; all are independent standard normal numbers, new for every picture. With B
blocks and relatedness ρ the score of a task is

    z = √(ρ/B) · (sum of the B factors on its path) + √(1−ρ) · (its own factor),

so each score is standard normal, and two tasks that share b of the B blocks have the
correlation ρ·b/B. The answer is the class of the score: equally frequent ranges of a normal
number. A picture is the sum of one striped texture per factor, each with its own direction,
fineness and colour and a random phase; the strength of the texture is the factor's rank. So
a network has to find textures first (useful to all), then weigh those that its task needs
(useful to tasks near in the tree).

The tree says which tasks need the same factors. How deep a network should share is for a
study to find out: it also depends on the network.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.data.dataset import SPLITS, Dataset, Samples
from core.data.stream import Stream
from core.layouts import Layout
from core.studies.dataset_specification import PlantedSpecification
from core.tasks import Kind, Task

Array = NDArray[np.float64]

_LETTERS: Final = "ABCDEFGHIJKL"
_CONTRAST: Final = 0.5
# Light, red against green, blue against yellow: three directions at right angles.
_COLOURS: Final = np.array([[1, 1, 1], [1, -1, 0], [-1, -1, 2]]) / np.sqrt([[3], [2], [6]])
_CHUNK: Final = 2000


def make_planted(specification: PlantedSpecification) -> Dataset:
    """Return the data set of a planted tree, regenerated: the same specification gives the same pictures.

    Args:
        specification: The tree, relatedness, number of classes, sizes, noise and seed.
    """
    tasks = planted_tasks(specification)
    splits = {split: _samples(specification, tasks, split) for split in SPLITS}
    return Dataset("planted", tasks, **splits, class_names=class_names(specification))


def class_names(specification: PlantedSpecification) -> dict[str, tuple[str, ...]]:
    """Return task → what its classes are called."""
    names = tuple(f"rank {number + 1} of {specification.classes}" for number in range(specification.classes))
    return {task.name: names for task in planted_tasks(specification)}


def planted_tasks(specification: PlantedSpecification) -> tuple[Task, ...]:
    """Return the tasks in the order of the tree: ``task A``, ``task B`` and so on."""
    names = _LETTERS[: true_tree(specification).n_tasks]
    return tuple(Task.usual(f"task {letter}", Kind.CLASSIFICATION, specification.classes) for letter in names)


def true_tree(specification: PlantedSpecification) -> Layout:
    """Return the tree the tasks were made from."""
    return Layout.parse(specification.tree)


def loadings(specification: PlantedSpecification) -> Array:
    """Return how much each factor counts for each task, ``[n_factors, n_tasks]``; columns have length one.

    First the factors of the tree, block by block and group by group, then one per task.
    """
    tree, rho = true_tree(specification), specification.relatedness
    groups = [group for partition in tree.partitions for group in partition]
    shared = np.zeros((len(groups), tree.n_tasks))
    for row, group in zip(shared, groups, strict=True):
        row[list(group)] = np.sqrt(rho / tree.n_blocks)
    return np.concatenate([shared, np.sqrt(1 - rho) * np.eye(tree.n_tasks)])


def correlations(specification: PlantedSpecification) -> Array:
    """Return the true correlation of the tasks' scores, ``[n_tasks, n_tasks]``: relatedness times shared blocks.

    >>> planted = PlantedSpecification(name="planted", tree="0,1,2 | 0,1;2", relatedness=0.8)
    >>> correlations(planted).round(2).tolist()
    [[1.0, 0.8, 0.4], [0.8, 1.0, 0.4], [0.4, 0.4, 1.0]]
    """
    weights = loadings(specification)
    return np.asarray(weights.T @ weights)


def draw_factors(specification: PlantedSpecification, split: str) -> Array:
    """Return the hidden factors behind a split's pictures, standard normal, ``[n, n_factors]``.

    Args:
        specification: As for ``make_planted``.
        split: ``train``, ``validation`` or ``test``.
    """
    n = int(getattr(specification, f"n_{split}"))
    # One stream per split: a longer training split leaves the test pictures as they are.
    rng = np.random.default_rng([specification.seed, SPLITS.index(split), 0])
    return rng.standard_normal((n, len(loadings(specification))))


def answers(specification: PlantedSpecification, factors: Array) -> NDArray[np.int64]:
    """Return the class of every task's score, ``[n, n_tasks]``, all classes equally frequent.

    Args:
        specification: As for ``make_planted``.
        factors: ``[n, n_factors]``.
    """
    limits = ndtri(np.arange(1, specification.classes) / specification.classes)
    return np.searchsorted(limits, factors @ loadings(specification)).astype(np.int64)


def textures(n: int, size: int) -> Array:
    """Return the two phases of ``n`` textures at right angles to each other, ``[2, n, 3 · size · size]``.

    Coarse stripes come first. All are whole numbers of waves per picture, so that the
    textures of different factors never overlap.

    Args:
        n: How many; at most three times the directions that fit into ``size``.
        size: Height and width of a picture in pixels.
    """
    most = size // 3
    # Half of the plane: the other half holds the same stripes again.
    waves = [(x, y) for x in range(most + 1) for y in range(-most, most + 1) if (x > 0 or y > 0) and x * x + y * y > 1]
    waves.sort(key=lambda wave: (wave[0] ** 2 + wave[1] ** 2, wave))
    down, across = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    found = []
    for number in range(n):
        (x, y), colour = waves[number // 3], _COLOURS[number % 3]
        angle = 2 * np.pi * (x * across + y * down) / size
        found.append([(colour[:, None, None] * wave(angle)).ravel() for wave in (np.cos, np.sin)])
    return np.array(found).transpose(1, 0, 2)


def stream_planted(specification: PlantedSpecification) -> Stream:
    """Return the data set of a planted tree, drawn a few pictures at a time; the same as ``make_planted``."""
    sizes = {split: int(getattr(specification, f"n_{split}")) for split in SPLITS}
    tasks = planted_tasks(specification)
    return Stream("planted", tasks, sizes, partial(_parts, specification, tasks), class_names(specification))


def _parts(specification: PlantedSpecification, tasks: tuple[Task, ...], split: str) -> Iterator[Samples]:
    factors = draw_factors(specification, split)
    found = answers(specification, factors)
    rng = np.random.default_rng([specification.seed, SPLITS.index(split), 1])
    for start in range(0, len(factors), _CHUNK):
        part = slice(start, start + _CHUNK)
        pictures = _pictures(factors[part], specification, rng)
        yield Samples(pictures, {task.name: found[part, t].copy() for t, task in enumerate(tasks)})


def _samples(specification: PlantedSpecification, tasks: tuple[Task, ...], split: str) -> Samples:
    return Samples.joined([*_parts(specification, tasks, split)])


def _pictures(factors: Array, specification: PlantedSpecification, rng: np.random.Generator) -> NDArray[np.uint8]:
    n, n_factors = factors.shape
    cosine, sine = textures(n_factors, specification.size)
    strength, phase = ndtr(factors), rng.uniform(0, 2 * np.pi, factors.shape)
    waves = (strength * np.cos(phase)) @ cosine - (strength * np.sin(phase)) @ sine
    bright = 0.5 + _CONTRAST / np.sqrt(n_factors) * waves
    bright += specification.noise * rng.standard_normal(bright.shape)
    pictures: NDArray[np.uint8] = np.rint(np.clip(bright, 0, 1) * 255).astype(np.uint8)
    return pictures.reshape(n, 3, specification.size, specification.size)
