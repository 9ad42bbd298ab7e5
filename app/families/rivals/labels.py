"""Labels of the runs of rivals."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from app.ui.formatting import listed
from core.families.rivals.method import TITLES, code_of
from core.runs.label import RunLabel

_OPTIONS: Final = {
    "retrain": "{} of the epochs after pruning",
    "temperature": "temperature from {}",
    "end_temperature": "temperature to {}",
    "sparsity": "sparsity {}",
    "sharing": "sharing {}",
    "warm_up": "warm-up {} of the epochs",
    "weight": "earlier answers held with weight {}",
}
# Where an option of one method has other words than that of others.
_OF_METHOD: Final[Mapping[str, Mapping[str, str]]] = {
    "adashare": {"retrain": "policy trained for {} of the epochs"},
    "lwf": {"temperature": "temperature {}"},
}


def rival_words(label: RunLabel) -> str:
    """Return the method, its tasks, and the options that are not the usual ones.

    >>> details = {"method": "packnet", "shares": "0.5,1", "retrain": "0.4"}
    >>> rival_words(RunLabel("rival", ("a", "b"), 0, details))
    'PackNet: a and b; 50 and 100 % of the weights, 0.4 of the epochs after pruning'
    >>> rival_words(RunLabel("rival", ("a", "b"), 0, {"method": "packnet", "shares": "0.25,1", "units": "4"}))
    'PackNet⁺: a and b; 1 and 4 of 4 units'
    """
    details = label.details
    method = str(details["method"])
    parts = []
    units = int(details.get("units", 0))
    if units:
        counts = [f"{round(float(share) * units)}" for share in str(details["shares"]).split(",")]
        parts.append(f"{listed(counts)} of {units} units")
    elif "shares" in details:
        shares = [f"{100 * float(share):.4g}" for share in str(details["shares"]).split(",")]
        parts.append(f"{listed(shares)} % of the weights")
    wording = {**_OPTIONS, **_OF_METHOD.get(method, {})}
    parts += [words.format(details[name]) for name, words in wording.items() if name in details]
    return f"{TITLES[code_of(method, units)]}: {listed(label.tasks)}{'; ' + ', '.join(parts) if parts else ''}"


WORDS: Final[Mapping[str, Words]] = {"rival": rival_words}
