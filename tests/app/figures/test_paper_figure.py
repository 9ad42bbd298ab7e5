"""What belongs to a figure: references, data, and a caption that says where its numbers come from."""

import csv
import io
import re

from app.figures.bibliography import BRANCHED, MULTI_PATH, TAG, TREE_MTL, TREEDNN, VIRTUAL, entries
from app.figures.paper_figure import PaperFigure, provenance_of
from core.studies.bundled import load_bundled


def test_every_paper_has_an_entry_with_what_a_citation_needs():
    found = entries()
    assert set(found) == {TREEDNN, MULTI_PATH, TREE_MTL, VIRTUAL, BRANCHED, TAG}
    for entry in found.values():
        assert re.search(r"year\s*= \{20(19|21|22)\}", entry)
        assert " and " in entry
        assert entry.count("{") == entry.count("}")


def test_a_file_holds_the_data_and_no_formula():
    figure = PaperFigure("T", "s", (), columns=("layout", "gain"), rows=(("=1+1", -0.5), ("b", None)))
    assert list(csv.reader(io.StringIO(figure.csv()))) == [["layout", "gain"], ["'=1+1", "-0.5"], ["b", ""]]


def test_provenance_says_study_seeds_and_versions():
    study = load_bundled("scenes")
    words = provenance_of(study)
    assert study.specification is not None
    seeds = {str(seed) for request in study.specification.requests.values() for seed in getattr(request, "seeds", ())}
    assert seeds
    assert all(re.search(rf"\b{seed}\b", words) for seed in seeds)
    assert all(version in words for version in study.provenance.versions.values())
    assert "scenes" in words
