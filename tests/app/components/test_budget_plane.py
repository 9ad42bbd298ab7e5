import base64
import json
import zlib
from dataclasses import asdict

from app.charts.plane import Plane, Point, plane_svg, scale_of
from app.components.budget_plane import WORDS, Entry, packed_front, plane_data
from app.components.packed import packed_json
from app.components.standalone import standalone_page

PLANE = Plane([Point(0.3, 1.0), Point(0.6, 2.0)], [Point(0.9, 0.0)], [], [], "cost", "Δ")
ENTRIES = [
    Entry(
        f"1!0:0.{n}", 0.3 * n, float(n), [[[0, 1]]], f"<layout {n}>", {"values": [1.0, 2.0]}, None, "+1 %", "0 to 1",
        "30 %", "1 M", n - 1, "", "–", "",
    )
    for n in (1, 2)
]  # fmt: skip


def data(**changes):
    usual = {
        "plane": packed_json([plane_svg(PLANE, scale_of(PLANE))]), "scales": [scale_of(PLANE)],
        "front": packed_front(ENTRIES), "picked": None, "budget": 0.6, "tasks": ["a</script>", "b"], "costs": [1.0],
        "domain": (0.0, 2.0), "caption": "c", "filename": "f", "stamp": "s", "words": {},
        "confidences": packed_json([None] * 100),
    }  # fmt: skip
    return plane_data(**(usual | changes))


def test_the_browser_gets_every_entry_of_the_front():
    sent = json.loads(zlib.decompress(base64.b64decode(data()["front"])))
    assert sent == [asdict(entry) for entry in ENTRIES]


def test_what_is_sent_is_plain_data():
    assert json.loads(json.dumps(data(picked=ENTRIES[0])))["picked"]["code"] == ENTRIES[0].code
    assert data(words={"delta": "trained Δ"})["words"] == {**WORDS, "delta": "trained Δ"}


def test_a_page_of_its_own_holds_everything_and_lets_no_name_end_its_script():
    page = standalone_page(data(), "Rooms & <b>")
    assert "<title>Rooms &amp; &lt;b&gt;</title>" in page
    assert page.count("</script>") == 2
    assert "a\\u003c/script>" in page
    assert "http:" not in page
    assert "https:" not in page
