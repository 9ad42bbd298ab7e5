"""The file loads nothing, runs nothing but our scripts, and shows names as they are."""

import itertools
import re
from html.parser import HTMLParser

from app.report.html import html_report
from app.report.model import (
    Bullets,
    Code,
    Facts,
    Figure,
    Heading,
    Paragraph,
    Report,
    Section,
    Strip,
    Strips,
    Table,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' <!--plane-figure--> {plane} %s"
ADDRESSES = ("src", "href", "data", "action", "poster", "srcset", "xlink:href")


class Markup(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def hostile_report():
    parts = (
        Paragraph(HOSTILE), Heading(HOSTILE), Bullets((HOSTILE,)), Facts(((HOSTILE, HOSTILE),)),
        Facts(((HOSTILE, HOSTILE, HOSTILE),), large=True), Table(HOSTILE, (HOSTILE, HOSTILE), ((HOSTILE, HOSTILE),)),
        Strips((Strip(HOSTILE, HOSTILE, b"png", HOSTILE),)), Figure("<svg></svg>", HOSTILE), Code(HOSTILE, HOSTILE),
    )  # fmt: skip
    return Report(HOSTILE, HOSTILE, HOSTILE, (Section("one", HOSTILE, parts),))


def test_no_name_becomes_markup():
    page = Markup(html_report(hostile_report()))
    assert not page.named("script")
    assert all(attributes["src"].startswith("data:image/png;base64,") for attributes in page.named("img"))
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    # The paragraph, in which spaces are as they were.
    assert HOSTILE.split(" %")[0] in page.text


def test_a_report_loads_nothing_and_lets_only_its_own_scripts_run(report_named):
    text = html_report(report_named("trained"))
    page = Markup(text)
    for tag, attributes in page.tags:
        for name in ADDRESSES:
            assert attributes.get(name, "#").startswith(("#", "data:image/png")), (tag, attributes)
    assert not re.search(r"url\(|@import", text)
    (policy,) = [each["content"] for each in page.named("meta") if each.get("http-equiv")]
    (nonce,) = set(re.findall(r"'nonce-(\w+)'", policy))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    scripts = [*page.named("script"), *page.named("style")]
    assert len(scripts) == 4
    assert {each["nonce"] for each in scripts} == {nonce}


def test_a_report_can_be_read_by_ear_and_by_key(report_named):
    page = Markup(html_report(report_named("trained")))
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(identities)) == len(identities)
    assert {link["href"][1:] for link in page.named("a")} <= set(identities)
    assert all(picture.get("alt") for picture in page.named("img"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
