"""The sample files hold what the bundled study holds now."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from app.ui.paths import ASSETS
from core.studies.bundled import bundled_studies
from core.studies.specification import read_study

FOLDER = ASSETS / "samples"


@pytest.mark.skipif("scenes" not in bundled_studies(), reason="the bundled study is not there yet")
def test_they_are_those_of_the_study():
    from benchmarks.samples import files

    for name, content in files().items():
        if name.endswith(".csv"):
            assert (FOLDER / name).read_bytes() == content, name
            continue
        kept, made = (arrays(file) for file in (FOLDER / name, BytesIO(content)))
        assert kept.keys() == made.keys()
        for key, array in made.items():
            numeric = array.dtype.kind == "f"
            assert np.allclose(kept[key], array, atol=1e-9) if numeric else np.array_equal(kept[key], array), (
                name,
                key,
            )


def arrays(file: Path | BytesIO) -> dict[str, np.ndarray]:
    """Return the arrays of an NPZ or NPY file by name."""
    found = np.load(file)
    return {"": found} if isinstance(found, np.ndarray) else dict(found)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_studies_say_that_they_prove_nothing(path):
    assert "noise" in read_study(path).description
