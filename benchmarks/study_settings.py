"""In which settings does sharing matter? A few layouts of mnist5k4 with more pictures, wider networks and more noise.

Run: python benchmarks/study_settings.py [STUDY] [--seeds 901 902]. Prints Markdown; the settings of the study were
chosen by this table, on seeds that it does not use.
"""

import argparse
from collections.abc import Mapping

import numpy as np
import torch
from training_controls import trained_by
from tree_trials import Trial, study_of, with_interval

from app.ui.layout_words import layout_sentence
from core.layouts import Layout
from core.studies.specification import StudySpecification
from core.training.loop import Trainer

SETTINGS: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "as it is": {},
    "width 8": {"backbone": {"width": 8}},
    "noise .8": {"dataset": {"noise": 0.8}},
    "1,000 pictures, 15 epochs": {"dataset": {"n_train": 1000}, "training": {"epochs": 15}},
}


def main() -> None:
    """Train the layouts in every setting and print their gains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="mnist5k4")
    parser.add_argument("--seeds", type=int, nargs="+", default=[901, 902])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    plain = study_of(asked.name)
    layouts = layouts_of(len(plain.tasks), plain.backbone.blocks)
    way = trained_by(Trainer)
    print(f"mean Δ over {len(plain.tasks)} tasks, {len(asked.seeds)} seeds, and the least and most of a task\n")
    print("| layout | " + " | ".join(SETTINGS) + " |")
    print("|---" * (len(SETTINGS) + 1) + "|")
    cells: dict[Layout, list[str]] = {layout: [] for layout in layouts}
    for changes in SETTINGS.values():
        study = changed(plain, changes)
        trials = [Trial.of(study, seed) for seed in asked.seeds]
        for layout in layouts:
            gains = np.stack([trial.gains(layout, way) for trial in trials])
            tasks = gains.mean(axis=0)
            cells[layout].append(
                f"{with_interval(gains.mean(axis=1).tolist())} ({tasks.min():+.1f} to {tasks.max():+.1f})"
            )
    for layout, row in cells.items():
        print(f"| {layout_sentence(layout, plain.tasks)} | " + " | ".join(row) + " |")


def layouts_of(n_tasks: int, n_blocks: int) -> list[Layout]:
    """Return the layouts in which all tasks share the first blocks and then part, from the most shared."""
    together, apart = (tuple(range(n_tasks)),), tuple((task,) for task in range(n_tasks))
    return [Layout((together,) * shared + (apart,) * (n_blocks - shared)) for shared in range(n_blocks, 0, -1)]


def changed(study: StudySpecification, changes: Mapping[str, Mapping[str, object]]) -> StudySpecification:
    """Return a study with other settings of some of its parts."""
    parts = {name: getattr(study, name).model_copy(update=values) for name, values in changes.items()}
    return study.model_copy(update=parts)


if __name__ == "__main__":
    main()
