"""How much of a gain one picture is: the step below which a measured gain can't change."""

from app.ui.formatting import count, listed, percent
from core.studies.study import Study

# What is written has one digit.
_LEAST = 0.05
_NAMED = 6


def grains(study: Study) -> dict[str, tuple[int, float]]:
    """Return classification tasks → validation pictures, and what one of them is of a task's gain, in percent.

    Only where the pictures were counted, and where one of them shows in the digits that gains have.

    Args:
        study: The study.
    """
    found = {}
    for quality in study.quality.get("validation", ()):
        alone = study.baselines.get("validation", {}).get(quality.task.name, {}).get("accuracy")
        if not quality.classes or not alone or all(metric.name != "accuracy" for metric in quality.task.gain_metrics):
            continue
        n = int(quality.classes[0].counts.sum())
        step = 100 / n / alone / len(quality.task.gain_metrics)
        if step >= _LEAST:
            found[quality.task.name] = n, step
    return found


def grain_sentence(study: Study) -> str:
    """Return what one picture is of the gains of classification tasks; empty where it does not show.

    Args:
        study: The study.
    """
    found = grains(study)
    if not found:
        return ""
    sizes, steps = sorted({n for n, _ in found.values()}), sorted(step for _, step in found.values())
    ends = list(dict.fromkeys(percent(step).lstrip("+") for step in (steps[0], steps[-1])))
    names = list(found) if len(found) <= _NAMED else [*list(found)[: _NAMED - 1], f"{len(found) - _NAMED + 1} others"]
    pictures = count(sizes[0]) if len(sizes) == 1 else f"{count(sizes[0])} to {count(sizes[-1])}"
    # "0.2 % to 0.3 %" is short as it is.
    return f"One validation picture of {pictures} is {' to '.join(ends)} of the gain of {listed(names)}, in each seed."
