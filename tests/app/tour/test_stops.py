from app.tour.stops import STOPS
from app.ui.paths import PAGES


def test_six_stops_on_six_pages_that_exist():
    pages = [stop.page for stop in STOPS]
    assert len(pages) == len(set(pages)) == 6
    assert all((PAGES / f"{page}.py").is_file() for page in pages)
