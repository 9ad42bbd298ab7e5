"""``photographs``: patches of scikit-learn's two sample photographs, and tasks on a patch."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data.dataset import SPLITS
from core.data.noise import noisy
from core.data.source import Source
from core.data.splits import Rows
from core.errors import DataError
from core.studies.dataset_specification import PhotographsSpecification
from core.tasks import Kind, Task

Patches = NDArray[np.uint8]

PATCH: Final = 32
ANSWERS: Final = {
    "photograph": ("temple", "dahlia"),
    "orientation": ("upright", "quarter turn left", "upside down", "quarter turn right"),
    "colour": ("grey", "red to orange", "yellow", "green to blue"),
    "height": ("upper third", "middle third", "lower third"),
}
# Patches of a split come from separate tiles, so that no pixel is in two splits.
_ROWS, _COLUMNS = 7, 10
_SHARES = (0.6, 0.2, 0.2)
# A patch of plain sky has no upper side: below this standard deviation of brightness (of 255) it is left out.
_FLAT = 8.0
_GREY = 0.2  # saturation
_RED_TO, _YELLOW_TO, _BLUE_TO = 1 / 12, 1 / 4, 11 / 12  # hue
_DRAWS = 200


def photographs_source(specification: PhotographsSpecification) -> Source:
    """Return the patches with four tasks.

    Which of the two photographs a patch is from, by how many quarter turns it was turned, its
    mean colour, and from which third of the photograph's height it is. All are labels that the
    photographs themselves give; nobody had to write them down. Each photograph is cut into 7×10 tiles;
    a patch of 32×32 lies within one tile, and a tile belongs to one split.

    Two photographs are few, so this is a set to see a branch work on, not to rank networks by: the
    small residual net of width 8 reaches about .99 (photograph), .9 (colour), .6 (height) and .35
    (orientation: petals look alike whichever way they are turned) on unseen tiles.

    Args:
        specification: How many patches, their size, noise (standard deviation, 1 is the whole
            range of brightness), seed.

    Raises:
        DataError: The photographs have almost no patch that is not flat.

    Reference:
        china.jpg by danielbuechele and flower.jpg by vultilion, CC BY 2.0, in scikit-learn's
        ``datasets/images``. Turned patches as a task: Gidaris et al., Unsupervised Representation
        Learning by Predicting Image Rotations, 2018.
    """
    photographs = read_photographs()
    sizes = (specification.n_train, specification.n_validation, specification.n_test)
    tiles = _tiles(specification.seed)
    places = [
        _drawn(photographs, tiles[split], n, np.random.default_rng([specification.seed, 1 + number]))
        for number, (split, n) in enumerate(zip(SPLITS, sizes, strict=True))
    ]
    ends = np.cumsum([0, *sizes])
    where = np.concatenate(places)

    def crops(rows: Rows) -> Patches:
        return np.stack([photographs[p, y : y + PATCH, x : x + PATCH] for p, y, x, _ in where[rows]])

    def pictures(rows: Rows) -> Patches:
        found = [
            _finished(crop, int(where[row, 3]), specification) for crop, row in zip(crops(rows), rows, strict=True)
        ]
        return noisy(np.stack(found).transpose(0, 3, 1, 2), rows, specification.noise, [specification.seed, 9])

    third = (where[:, 1] + PATCH / 2) * 3 // photographs.shape[1]
    answers = {
        "photograph": where[:, 0],
        "orientation": where[:, 3],
        "colour": colours(crops(np.arange(len(where)))),
        "height": third.astype(np.int64),
    }
    return Source(
        name="photographs",
        tasks=tuple(Task.usual(name, Kind.CLASSIFICATION, len(names)) for name, names in ANSWERS.items()),
        labels={name: np.asarray(found, dtype=np.int64) for name, found in answers.items()},
        rows={split: np.arange(ends[n], ends[n + 1]) for n, split in enumerate(SPLITS)},
        pictures=pictures,
        class_names=ANSWERS,
    )


def read_photographs() -> Patches:
    """Return the two photographs, ``uint8 [2, height, width, 3]``: the temple, then the dahlia."""
    # Takes a second or two to import.
    from sklearn.datasets import load_sample_image

    return np.stack([load_sample_image(name) for name in ("china.jpg", "flower.jpg")])


def colours(patches: Patches) -> NDArray[np.int64]:
    """Return the number of each patch's mean colour, ``[n]``: grey, red to orange, yellow, green to blue.

    Args:
        patches: ``[n, height, width, 3]``.
    """
    mean = patches.reshape(len(patches), -1, 3).mean(axis=1) / 255
    high, low = mean.max(axis=1), mean.min(axis=1)
    spread = np.maximum(high - low, 1e-9)
    red, green, blue = mean.T
    sixth = np.select(
        [red == high, green == high], [(green - blue) / spread, 2 + (blue - red) / spread], 4 + (red - green) / spread
    )
    hue = (sixth / 6) % 1
    named = np.select([hue < _RED_TO, hue < _YELLOW_TO, hue < _BLUE_TO], [1, 2, 3], 1)
    return np.where((high - low) < _GREY * np.maximum(high, 1e-9), 0, named).astype(np.int64)


def _tiles(seed: int) -> dict[str, NDArray[np.int64]]:
    """Return split → photograph, row and column of its tiles; each photograph in the same shares."""
    rng = np.random.default_rng([seed, 0])
    found: dict[str, list[NDArray[np.int64]]] = {split: [] for split in SPLITS}
    cuts = np.rint(np.cumsum(_SHARES)[:-1] * _ROWS * _COLUMNS).astype(int)
    for photograph in range(2):
        order = rng.permutation(_ROWS * _COLUMNS)
        for split, tiles in zip(SPLITS, np.split(order, cuts), strict=True):
            found[split].append(
                np.stack([np.full_like(tiles, photograph), tiles // _COLUMNS, tiles % _COLUMNS], axis=1)
            )
    return {split: np.concatenate(tiles) for split, tiles in found.items()}


def _drawn(photographs: Patches, tiles: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return photograph, top, left and quarter turns of ``n`` patches that are not flat, half from each photograph."""
    height, width = photographs.shape[1] // _ROWS, photographs.shape[2] // _COLUMNS
    grey = photographs.mean(axis=3)
    kept: list[NDArray[np.int64]] = []
    for photograph in range(2):
        own, wanted, found = tiles[tiles[:, 0] == photograph], n // 2 + (n % 2) * photograph, 0
        for _ in range(_DRAWS):
            if found >= wanted:
                break
            chosen = own[rng.integers(len(own), size=wanted)]
            top = chosen[:, 1] * height + rng.integers(height - PATCH + 1, size=wanted)
            left = chosen[:, 2] * width + rng.integers(width - PATCH + 1, size=wanted)
            drawn = np.stack([chosen[:, 0], top, left, rng.integers(4, size=wanted)], axis=1)
            rough = [grey[p, y : y + PATCH, x : x + PATCH].std() >= _FLAT for p, y, x, _ in drawn]
            kept.append(drawn[rough][: wanted - found])
            found += len(kept[-1])
        if found < wanted:
            raise DataError(f'The photograph "{ANSWERS["photograph"][photograph]}" has too few patches. Choose fewer.')
    rows: NDArray[np.int64] = rng.permutation(np.concatenate(kept))
    return rows


def _finished(crop: Patches, turns: int, specification: PhotographsSpecification) -> Patches:
    turned = np.ascontiguousarray(np.rot90(crop, turns))
    if specification.size == PATCH:
        return turned
    side = (specification.size, specification.size)
    return np.asarray(Image.fromarray(turned).resize(side, Image.Resampling.BICUBIC))
