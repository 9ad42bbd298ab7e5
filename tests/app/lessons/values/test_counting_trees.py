"""The hours of the lesson on counting follow from the seconds that it shows."""

from app.lessons.values.counting_trees import values


def test_who_multiplies_the_written_numbers_gets_the_written_result():
    shown = values()
    seconds, small, middle = (float(shown[name].replace("\u00a0", "")) for name in ("seconds", "small", "middle"))
    assert f"{small * seconds / 60:.0f}" == shown["small_hours"]
    assert f"{middle * seconds / 86400:.1f}" == shown["middle_days"]
