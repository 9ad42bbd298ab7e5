import re

from app.classroom.network import join_links, qr_svg, qr_text, with_phrase


def test_links_name_this_machine_as_others_reach_it():
    assert join_links("192.168.1.4", 8501, encrypted=False) == ("http://192.168.1.4:8501/class/join",)
    assert join_links("fd00::1", 443, encrypted=True) == ("https://[fd00::1]:443/class/join",)
    for link in join_links("0.0.0.0", 8501, encrypted=False):
        assert re.fullmatch(r"http://[\w.]+:8501/class/join", link)
        assert "0.0.0.0" not in link
        assert "127." not in link


def test_a_link_becomes_a_picture():
    link = with_phrase("http://192.168.1.4:8501/class/join", "a-b-c")
    assert link.endswith("?phrase=a-b-c")
    assert qr_svg(link).startswith("<svg")
    assert len(qr_text(link).splitlines()) > 10
