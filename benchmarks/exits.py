"""Record where the multi-path paper's networks can have exits, in ``assets/exits.json``."""

import json

import torch

from core.families.multipath.exits import PRESETS, Exit
from core.families.multipath.ladder import ladder, preset_network
from core.families.multipath.recorded import FILE, PLACES, recorded_document


def traced(name: str) -> tuple[Exit, ...]:
    """Return the exits of one network at all its recorded places."""
    preset = next(each for each in PRESETS.values() if each.backbone == name)
    return ladder(preset_network(preset), torch.zeros(2, 3, preset.size, preset.size), PLACES[name]).exits


if __name__ == "__main__":
    document = recorded_document({name: traced(name) for name in PLACES})
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"Wrote {FILE}.")
