import json

import numpy as np

from app.components.affinity_map import WORDS, map_data
from app.components.packed import packed_numbers
from core.affinity.ordering import Order, Over, arrangements


def test_what_is_sent_is_plain_data_that_names_depths_from_one():
    alike = np.random.default_rng(0).random((2, 3, 3))
    alike = (alike + alike.transpose(0, 2, 1)) / 2
    sent = map_data(
        fields=packed_numbers({"alike": alike}), tasks=("a", "b", "c"), n_depths=2,
        arrangements=arrangements(alike, Order.CLUSTER, Over.THIS), depth=0, pair=(0, 1), summary=["So."], marks="",
        sure=0.9, marked=False, holes=False, scale=(0.0, 1.0), colours=(0.0, 1.0), ticks=(0.0, 1.0), filename="x",
        stamp="y", words={"raw": "distance"},
    )  # fmt: skip
    assert json.loads(json.dumps(sent)) == sent
    assert sent["names"] == ["After block 1", "After block 2"]
    assert [len(each["brackets"]) for each in sent["arrangements"]] == [2, 2]
    assert sent["words"] == {**WORDS, "raw": "distance"}
