"""Digits for lesson 1 without the noise that the networks see: the pictures of the gallery of ``mnist5k4``.

    python benchmarks/lesson_pictures.py

Needs ``pip install "branchwise[mnist]"``; lessons read the file that it writes, so that they need no data set.
"""

import numpy as np
from PIL import Image

from app.ui.paths import ASSETS
from core.data.gallery import gallery
from core.studies.bundled import load_bundled

FILE = ASSETS / "lessons" / "digits.png"


def main() -> None:
    """Write the digits side by side, one pixel for one pixel."""
    study = load_bundled("mnist5k4")
    assert study.specification is not None
    assert study.gallery is not None
    clean = gallery(study.specification.dataset.model_copy(update={"noise": 0.0}))
    if clean.labels["slant"] != study.gallery.labels["slant"]:
        raise SystemExit("The gallery shows other digits than the study does. Nothing was written.")
    Image.fromarray(np.concatenate(list(clean.inputs[..., 0]), axis=1)).save(FILE, optimize=True)
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
