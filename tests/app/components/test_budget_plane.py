import base64
import json
import re
import zlib
from dataclasses import asdict

from app.charts.plane import Plane, Point, plane_svg, scale_of
from app.components.budget_plane import WORDS, Entry, plane_data
from app.components.source import source
from app.components.standalone import standalone_page

PLANE = Plane([Point(0.3, 1.0), Point(0.6, 2.0)], [Point(0.9, 0.0)], [], [], "cost", "Δ")
ENTRIES = [
    Entry(
        f"1!0:0.{n}", 0.3 * n, float(n), f"<layout {n}>", "<svg/>", "<svg/>", "+1 %", "0 to 1", "30 %", "1 M", "–", ""
    )
    for n in (1, 2)
]


def data(**changes):
    usual = {
        "plane": plane_svg(PLANE, scale_of(PLANE)), "scale": scale_of(PLANE), "entries": ENTRIES, "picked": None,
        "budget": 0.6, "tasks": ["a</script>", "b"], "caption": "c", "filename": "f", "stamp": "s", "words": {},
    }  # fmt: skip
    return plane_data(**(usual | changes))


def test_the_browser_gets_every_entry_of_the_front():
    packed = data()["packed"]
    assert json.loads(zlib.decompress(base64.b64decode(packed))) == [asdict(entry) for entry in ENTRIES]


def test_what_is_sent_is_plain_data():
    assert json.loads(json.dumps(data(picked=ENTRIES[0])))["picked"]["code"] == ENTRIES[0].code


def test_equal_planes_send_equal_bytes():
    assert json.dumps(data()) == json.dumps(data())


def read_by_script(name: str) -> set[str]:
    return set(re.findall(rf"(?<![\w.]){re.escape(name)}\.([A-Za-z]+)", source("budget_plane.js")))


def test_the_script_reads_only_what_is_sent():
    assert {"budget", "packed", "plane"} <= read_by_script("data") <= set(data())
    assert {"tree", "bars", "code"} <= read_by_script("entry") <= set(asdict(ENTRIES[0]))
    words = set(re.findall(r"data\.words\.(\w+)", source("budget_plane.js")))
    assert words == set(WORDS)
    assert data(words={"delta": "trained Δ"})["words"] == {**WORDS, "delta": "trained Δ"}


def test_a_page_of_its_own_holds_everything_and_lets_no_name_end_its_script():
    page = standalone_page(data(), "Rooms & <b>")
    assert "<title>Rooms &amp; &lt;b&gt;</title>" in page
    assert page.count("</script>") == 1
    assert "a\\u003c/script>" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "export default" not in page
