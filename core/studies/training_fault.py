"""What is wrong with the training settings of a study as a whole."""

from core.runs.settings import TrainingSettings


def training_fault(training: TrainingSettings, tasks: tuple[str, ...]) -> str | None:
    """Return what names no task of the study, as a sentence; None where nothing is wrong.

    Args:
        training: Of the study.
        tasks: Names of its tasks.
    """
    for key, names in (("loss_weights", training.loss_weights), ("class_weights", training.listed_class_weights)):
        if strange := [name for name in names if name not in tasks]:
            return f'{key} names "{strange[0][:64]}", no task of the study. Choose from: {", ".join(tasks)}'
    return None
