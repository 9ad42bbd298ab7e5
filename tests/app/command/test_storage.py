import pytest


def test_the_case_of_the_paper(answer, call):
    options = ("storage", "--layers", 100, "--epsilon", 10, "--branches", 5)
    assert answer(*options) == {"gain": 240, "relative": 0.48}
    said = call(*options).stdout
    assert "240 of 500 layers saved, 48.0%" in said
    assert "60.0%" in said


def test_an_odd_network_counts_in_halves(answer, call):
    assert answer("storage", "--layers", 19, "--branches", 2)["gain"] == 9.5
    assert "inside a layer" in call("storage", "--layers", 19, "--branches", 2).stdout
    assert "inside a layer" not in call("storage", "--layers", 19, "--branches", 2, "--epsilon", "-0.5").stdout


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--layers", 100, "--branches", 0), "0 branches"),
        (("--layers", 0, "--branches", 2), "0 layers"),
        (("--layers", 100, "--epsilon", 51, "--branches", 2), "−50 to 50"),
        (("--layers", 100, "--epsilon", "nan", "--branches", 2), "ε is nan"),
        (("--layers", "x", "--branches", 2), "--layers"),
        (("--layers", 10**22 + 1, "--branches", 2), "smaller numbers"),
        (("--branches", 2), "--layers"),
    ],
)
def test_bad_options_are_one_sentence(refusal, options, part):
    assert part in refusal("storage", *options)
    assert part in refusal("storage", *options, "--json")
