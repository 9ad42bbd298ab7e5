import base64
import json
import zlib

import numpy as np

from app.components.packed import packed_json, packed_numbers


def test_json_arrives_as_it_was_sent_in_few_and_always_the_same_bytes():
    value = {"layouts": [[[[0, 1], [2]]] * 16] * 200, "ü": None}
    sent = packed_json(value)
    assert json.loads(zlib.decompress(base64.b64decode(sent))) == value
    assert sent == packed_json(value)
    assert len(sent) < 1_000


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
    found = unpacked(packed_numbers(fields), (3, 4, 4))
    assert list(found) == list(fields)
    for name, values in fields.items():
        np.testing.assert_allclose(found[name], values, atol=np.nanmax(np.abs(values)) * 2e-5)


def test_fields_without_a_number_can_be_sent():
    found = unpacked(packed_numbers({"low": np.full((1, 2, 2), np.nan), "zero": np.zeros((1, 2, 2))}), (1, 2, 2))
    assert np.isnan(found["low"]).all()
    assert not found["zero"].any()


def test_forty_tasks_at_sixteen_depths_are_half_a_megabyte_at_most():
    rng = np.random.default_rng(0)
    fields = {name: rng.random((16, 40, 40)) for name in ("alike", "raw", "low", "high", "order", "wins", "loss")}
    assert len(packed_numbers(fields)[0]) < 500_000
