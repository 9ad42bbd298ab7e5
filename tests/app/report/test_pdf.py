import dataclasses
import re

from app.report.model import Bullets, Code, Facts, Heading, Paragraph, Report, Section, Table
from app.report.pdf import _Document, pdf_report

NAMES = ("<b>&amp;", "Δ −1 ≥ 2", "漢字 \U0001fae0", "\u202eabc", "אבג", "word" * 80, "**x** __y__ ")


def report_of(*texts):
    parts = [
        part
        for text in texts
        for part in (
            Paragraph(text), Heading(text), Bullets((text,)), Facts(((text, text),)), Code(f"{text}\n\t{text}", text),
            Table(text, (text, "n"), ((text, text),)),
        )
    ]  # fmt: skip
    return Report("Title", "Question?", "Made.", (Section("one", "First section", tuple(parts)),))


def pages_of(content):
    return len(re.findall(rb"/Type /Page\b", content))


def test_any_name_can_be_written():
    content = pdf_report(report_of(*NAMES))
    assert content.startswith(b"%PDF-")
    assert pages_of(content) > 1


def test_a_report_is_a_pdf_with_an_outline_and_its_pictures_as_drawings(report_named):
    report = report_named("trained")
    content = pdf_report(report)
    assert content.count(b"/Dest [") >= len(report.sections)
    assert b"/Subtype /Image" not in content


def test_more_to_say_needs_more_pages():
    few = report_of("a")
    (section,) = few.sections
    many = dataclasses.replace(few, sections=tuple(dataclasses.replace(section, code=str(n)) for n in range(40)))
    assert pages_of(pdf_report(many)) > pages_of(pdf_report(few))


def test_a_heading_and_the_titles_of_a_table_stay_with_what_follows():
    table = Table("Caption " * 30, ("network", "gain"), (("one", "1"), ("two words " * 12, "2")))
    section = Section("one", "First section", (Heading("Heading"), table))
    document = _Document(Report("Title", "Question?", "Made.", (section,)))
    document.pdf.add_page()
    pages = set()
    for n_lines in range(24):
        document._write("a line\n" * (n_lines % 5 + 1), 9.5)
        document._section(section)
        assert document.pdf._outline[-1].page_number == document.pdf.page
        pages.add(document.pdf.page)
    assert len(pages) > 2
    document.close()
