"""A study as the TOML file that ``branchwise run`` takes."""

from typing import Any

import tomli_w

from core.studies.several_specification import SeveralSpecification
from core.studies.specification import StudySpecification, default_sections


def write_study(study: StudySpecification) -> str:
    """Return the file that requests a study; what is as by default is left out.

    Args:
        study: The study.

    >>> from core.studies.specification import parse_study
    >>> mine = parse_study('name = "mine"\\ntasks = ["depth", "edges"]\\n[training]\\nepochs = 3')
    >>> parse_study(write_study(mine)) == mine
    True
    """
    document: dict[str, Any] = study.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    # Said although they are defaults: who reads the file should not have to look them up.
    document["dataset"] = {"name": study.dataset.name, **document.get("dataset", {})}
    for section, request in study.requests.items():
        seeds = {"seeds": list(found)} if (found := getattr(request, "seeds", ())) else {}
        document[section] = {**seeds, **document.get(section, {})}
    if isinstance(study.dataset, SeveralSpecification):
        # These name the tasks; and what a set is called has to be said in each.
        del document["tasks"]
        for entry, each in zip(document["dataset"]["sets"], study.dataset.sets, strict=True):
            entry["dataset"] = {"name": each.dataset.name, **entry["dataset"]}
    usual = default_sections(study.requests, several=study.has_several)
    missing = {section: False for section in usual if section not in study.requests}
    order = [name for name in type(study).model_fields if name in document]
    document = {name: document[name] for name in dict.fromkeys([*order, *document])}
    # Plain keys of a file come before its sections.
    return tomli_w.dumps({**missing, **document})
