import numpy as np

from app.families.treednn.data_sets import own_examples
from core.studies.study import Gallery

GALLERY = Gallery(
    np.zeros((4, 2, 2, 3), np.uint8), {}, {"digits": ("5", "–", "–", "8"), "solids": ("–", "box", "sphere", "–")}
)


def test_every_task_has_the_pictures_it_has_an_answer_to():
    assert own_examples(GALLERY, "digits") == (0, 3)
    assert own_examples(GALLERY, "solids") == (1, 2)


def test_a_task_without_answers_has_none():
    assert own_examples(GALLERY, "far") == ()
