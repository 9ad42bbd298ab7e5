"""A link reproduces a view: every control of every page, with codes, with old words and with nonsense."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core.estimators.prediction import DEFAULT_ESTIMATOR

# A home without a database: the bundled studies have everything.
EMPTY = Path("/nowhere at all")


@dataclass(frozen=True)
class Control:
    """One control of a view: its code in the address, and what a link of an earlier version says for it.

    Args:
        name: In the address.
        code: A value that is not the default.
        old: Name and value in an earlier address; empty where nothing changed.
        key: In the session; the name by default.
        value: In the session; the code by default.
        default: What the session holds where the address says nothing.
    """

    name: str
    code: str
    default: object
    old: tuple[str, str] = ()
    key: str = ""
    value: object = None

    @property
    def held(self) -> object:
        return self.code if self.value is None else self.value


@dataclass(frozen=True)
class View:
    page: str
    controls: tuple[Control, ...]
    base: dict[str, str] = field(default_factory=dict)
    bundled: bool = True

    def opened(self, visit, **address: str) -> AppTest:
        """Open the view: on the bundled studies alone, or on the made-up ones, too."""
        home = {"home": EMPTY} if self.bundled else {}
        return visit(self.page, **home, **{**self.base, **address})


def section(page: str, code: str, default: str, old: tuple[str, str]) -> Control:
    return Control("section", code, default, old, key=f"{page}_section")


UNIT = Control("unit", "parameters", "macs", ("unit", "Parameters"))
WEIGHTS = Control("weights", "uniform", "svde")
BUDGET = Control("budget", "40", 60, value=40)
ESTIMATOR = Control("estimator", "blockwise", str(DEFAULT_ESTIMATOR))
TOLERANCE = Control("tolerance", "0.5", 0.2, value=0.5)
PLANE = (UNIT, WEIGHTS, BUDGET, ESTIMATOR, TOLERANCE)
LAYOUT = Control("layout", "5!0:0_1_2", "")
EVIDENCE = Control("evidence", "features", "recombined", ("evidence", "Features (RSA)"))
EIGENVECTOR = Control("eigenvector", "raw", "ahp", ("eigenvector", "Wins (raw)"))
DEPTH = Control("depth", "3", "")
VIEWS = {
    "overview": View("overview", (UNIT, BUDGET, ESTIMATOR, TOLERANCE)),
    "overview, own case": View("overview", (section("overview", "own", "share", ("part", "Your own case")),)),
    "budget": View(
        "budget",
        (
            *PLANE,
            LAYOUT,
            Control("pins", "5!0:0_1_2~5!0:0.1.2", ""),
            DEPTH,
            Control("show", "trained", "predicted"),
            Control("second", "estimator:bayes", "none"),
            section("budget", "confidence", "best", ("details", "How sure")),
        ),
    ),
    "budget, columns": View("budget", (Control("columns", "tasks", "few"),)),
    "budget, evaluation": View(
        "budget", (section("budget", "evaluation", "best", ("details", "Predicted and trained")),)
    ),
    "backbone": View(
        "backbone",
        (
            Control("backbone", "resnet18", "study"),
            Control("with", "study", "none"),
            Control("tasks", "7", 3, value=7),
            Control("cut", "merged", "all"),
            Control("blocks", "3", 5, value=3),
        ),
    ),
    "backbone, by hand": View(
        "backbone",
        (Control("cut", "hand", "all", ("cut", "by hand")), Control("starts", "3", [1, 2, 3, 4], value=[2])),
    ),
    "affinity": View(
        "affinity",
        (
            EIGENVECTOR,
            DEPTH,
            Control("pair", "0-2", ""),
            Control("step", "2", ""),
            Control("target", "depth", "segmentation"),
            Control("order", "cluster", "study", ("order", "Cluster")),
            Control("order_over", "each", "all", ("order_over", "Each depth")),
            section("affinity", "tournament", "table", ("affinity_part", "Step through a tournament")),
        ),
    ),
    "affinity, features": View("affinity", (EVIDENCE,)),
    "affinity, own file": View(
        "affinity",
        (Control("own_kind", "distance", "affinity", ("own_kind", "Distances")),),
        {"evidence": "file"},
    ),
    "branching": View(
        "branching",
        (
            EIGENVECTOR,
            Control("distance", "max", "cosine", ("distance", "1 − A/max")),
            Control("alpha", "0.25", None, value=0.25),
            Control("beam", "7", 3, value=7),
            Control("downsamplings", "2,1,1,0,0", ""),
            Control("part_a", "depth", "segmentation"),
            Control("part_b", "segmentation", "normals"),
        ),
    ),
    "branching, confidence": View("branching", (section("branching", "confidence", "why", ("branching", "How sure")),)),
    "branching, plane": View(
        "branching", (UNIT, WEIGHTS, ESTIMATOR, section("branching", "plane", "why", ("branching", "Cost and Δ")))
    ),
    "storage": View(
        "storage",
        (
            Control("backbone", "mobilenet_v2", "study"),
            Control("trunk", "17", 2, value=17),
            Control("k", "3", 5, value=3),
            Control("layers", "20", 100, value=20),
            Control("epsilon", "1.5", 10.0, value=1.5),
            Control("gain", "absolute", "relative"),
        ),
    ),
    "storage, pictures": View(
        "storage",
        (
            section("storage", "pictures", "gain", ("storage", "Training and deployment")),
            Control("picture", "deployment", "training", ("picture", "Deployment")),
            Control("picture_step", "3", ""),
        ),
    ),
    "storage, response time": View(
        "storage",
        (
            section("storage", "response", "gain", ("storage", "Response time")),
            Control("page_cache", "cold", "warm", ("page_cache", "Cold")),
            Control("time_axis", "log", "linear", ("time_axis", "Logarithmic")),
        ),
    ),
    "paths": View(
        "paths",
        (
            Control("network", "resnet18-3", "study"),
            Control("exits", "0-2", ["0", "1", "2"], value=["0", "2"]),
            section("paths", "loss", "budget", ()),
            Control("mix", "swapped", "literal"),
            Control("mix_alpha", "0.5", 0.9, value=0.5),
            Control("temperature", "4", 2.0, value=4),
        ),
        {"study": "paths"},
        bundled=False,
    ),
    "paths, budget": View(
        "paths",
        (
            UNIT,
            Control("question", "one-input", "one-active"),
            Control("path_budget", "40", 80, value=40),
        ),
        {"study": "paths"},
        bundled=False,
    ),
    "paths, matrix": View(
        "paths",
        (
            section("paths", "matrix", "budget", ()),
            Control("split", "validation", "test"),
            Control("cells", "metric", "gain"),
        ),
        {"study": "paths"},
        bundled=False,
    ),
    "paths, leave early": View(
        "paths",
        (section("paths", "leaving", "budget", ()), Control("leaving_task", "digit", "loop")),
        {"study": "paths"},
        bundled=False,
    ),
    "train": View("train", (Control("what", "singles", "layouts", ("what", "Single tasks")),)),
    "train, layouts": View("train", (Control("which", "sample", "shown", ("which", "A sample")),)),
    "studies": View("studies", (section("studies", "engine", "disk", ("section", "Engine")),)),
}
NONSENSE = "<b>', nothing \u0000"
# What is typed freely, or checked piece by piece when a page uses it.
FREE = {"downsamplings", "pins"}


def held(at: AppTest, control: Control) -> object:
    return at.session_state.get(control.key or control.name)


def names_in_use(at: AppTest) -> set[str]:
    """Give the names of the address that the controls of an open page stand for."""
    found = set(at.session_state["url_of_page"].in_use)
    blocks: list[Block] = [at.main]
    while blocks:
        for child in blocks.pop().children.values():
            found.add(str(getattr(child.proto, "query_param_key", "") or ""))
            if isinstance(child, Block):
                blocks.append(child)
    return found - {""}


@pytest.fixture(params=VIEWS)
def view(request) -> View:
    return VIEWS[request.param]


def test_a_link_of_codes_is_shown_and_stays(visit, view):
    codes = {control.name: control.code for control in view.controls}
    at = view.opened(visit, **codes)
    for _ in range(2):
        assert not at.error
        assert {control.name: held(at, control) for control in view.controls} == {
            control.name: control.held for control in view.controls
        }
        assert {name: at.query_params.get(name) for name in codes} == codes
        at.run()


def test_what_earlier_versions_wrote_is_translated(visit, view):
    old = dict(control.old for control in view.controls if control.old)
    if not old:
        pytest.skip("nothing of this view was ever written in another way")
    codes = {control.name: control.code for control in view.controls}
    kept = {control.name: control.code for control in view.controls if not control.old}
    at = view.opened(visit, **kept, **old)
    assert not at.error
    assert {name: at.query_params.get(name) for name in codes} == codes
    assert not (set(old) - set(codes)) & set(at.query_params)


def test_nonsense_is_passed_over_and_defaults_are_not_written(visit, view):
    in_use = names_of(visit, view) - FREE
    wanted = {control.name: control.default for control in view.controls if control.name in in_use}
    at = view.opened(visit, **dict.fromkeys(wanted, NONSENSE))
    assert not at.exception
    found = {control.name: held(at, control) for control in view.controls if control.name in wanted}
    assert found == wanted
    assert not set(wanted) & set(at.query_params)


def names_of(visit, view: View) -> set[str]:
    """Give the names in use where a view is opened with nothing but its base."""
    return names_in_use(view.opened(visit))


@pytest.mark.parametrize("page", sorted({view.page for view in VIEWS.values()}))
def test_every_control_of_a_page_is_tested(visit, page):
    tested = {control.name for view in VIEWS.values() for control in view.controls} | {"study"}
    # The menu of figures has tests of its own in tests/app/figures.
    tested |= {"fig_names", "fig_order", "fig_colours", "fig_note"}
    # As have the tour, presenter mode, and networks that Compare pins.
    tested |= {"tour", "present", "pinned"}
    for view in VIEWS.values():
        if view.page == page:
            codes = {control.name: control.code for control in view.controls}
            assert names_in_use(view.opened(visit, **codes)) <= tested


def test_the_link_between_pages_says_a_section_of_the_page_it_goes_to(visit):
    at = visit("overview", home=EMPTY)
    (link,) = [each.proto for each in at.get("page_link") if each.proto.label == "Predicted vs measured"]
    name, _, code = link.query_string.partition("=")
    opened = visit("budget", home=EMPTY, **{name: code})
    assert opened.query_params[name] == code
