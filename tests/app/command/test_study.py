def test_the_keys_of_a_section(answer, call, refusal):
    found = answer("study", "keys", "training")["keys"]
    assert {key["section"] for key in found} == {"training"}
    (epochs,) = [key for key in found if key["key"] == "epochs"]
    assert (epochs["default"], epochs["required"]) == ("10", False)
    text = call("study", "keys").stdout
    assert "[treednn]" in text
    assert "cut: whole number, from 0 to 40; required" in text
    assert "Choose from: backbone, backbone.weights, training" in refusal("study", "keys", "trainig")


def test_a_key_at_the_top_is_looked_up_like_a_section(answer):
    (found,) = answer("study", "keys", "metrics")["keys"]
    assert (found["section"], found["key"]) == ("", "metrics")
