import base64
import json
import zlib

import numpy as np
import pytest

from app.components.affinity_map import WORDS, map_data, packed
from app.components.source import source
from core.affinity.ordering import Order, Over, arrangements

PARTS = ("affinity_map.html", "affinity_map.css", "affinity_map.js", "affinity_grid.js", "affinity_pair.js")


def unpacked(sent, shape):
    content, scales = sent
    whole = np.frombuffer(zlib.decompress(base64.b64decode(content)), dtype="<i2").reshape(len(scales), *shape)
    return {
        name: np.where(values == -32768, np.nan, values * scale)
        for (name, scale), values in zip(scales, whole, strict=True)
    }


def test_numbers_arrive_as_they_were_sent_and_holes_as_holes():
    rng = np.random.default_rng(0)
    fields = {
        "alike": rng.random((3, 4, 4)) * 1.3,
        "loss": rng.lognormal(5, 2, (3, 4, 4)),
        "raw": -rng.random((3, 4, 4)),
    }
    fields["alike"][1, 0, 2] = np.nan
    found = unpacked(packed(fields), (3, 4, 4))
    assert list(found) == list(fields)
    for name, values in fields.items():
        np.testing.assert_allclose(found[name], values, atol=np.nanmax(np.abs(values)) * 2e-5)


def test_fields_without_a_number_can_be_sent():
    found = unpacked(packed({"low": np.full((1, 2, 2), np.nan), "zero": np.zeros((1, 2, 2))}), (1, 2, 2))
    assert np.isnan(found["low"]).all()
    assert not found["zero"].any()


def test_forty_tasks_at_sixteen_depths_are_half_a_megabyte_at_most():
    rng = np.random.default_rng(0)
    fields = {name: rng.random((16, 40, 40)) for name in ("alike", "raw", "low", "high", "order", "wins", "loss")}
    assert len(packed(fields)[0]) < 500_000


def test_what_is_sent_is_plain_data_that_names_depths_from_one():
    alike = np.random.default_rng(0).random((2, 3, 3))
    alike = (alike + alike.transpose(0, 2, 1)) / 2
    sent = map_data(
        fields=packed({"alike": alike}), tasks=("a", "b", "c"), n_depths=2,
        arrangements=arrangements(alike, Order.CLUSTER, Over.THIS), depth=0, pair=(0, 1), summary=["So."], marks="",
        sure=0.9, marked=False, holes=False, scale=(0.0, 1.0), ticks=(0.0, 1.0), filename="x", stamp="y",
        words={"raw": "distance"},
    )  # fmt: skip
    assert json.loads(json.dumps(sent)) == sent
    assert sent["names"] == ["After block 1", "After block 2"]
    assert [len(each["brackets"]) for each in sent["arrangements"]] == [2, 2]
    assert sent["words"] == {**WORDS, "raw": "distance"}


def test_the_script_is_one_with_the_palette_and_loads_nothing():
    script = source("affinity_map.js", "affinity_grid.js", "affinity_pair.js")
    assert script.count("function paintNames") == 1
    assert script.count("export default function") == 1
    names = [line.split("(")[0] for line in script.splitlines() if line.startswith(("function ", "async function "))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", PARTS)
def test_names_of_tasks_are_never_written_as_markup(name):
    text = source(name).replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "@import" not in text
    assert "innerHTML" not in text
