"""Fields that came later leave the documents of earlier specifications as they were."""

from typing import ClassVar

from core.runs.frozen import Extended


class Recipe(Extended):
    """Of which "salt" and "spices" are no fields of the first release."""

    added: ClassVar[frozenset[str]] = frozenset({"salt", "spices"})

    water: float = 1.0
    salt: float = 0.0
    spices: tuple[str, ...] = ()


def test_added_fields_are_written_only_where_they_are_not_as_by_default() -> None:
    assert Recipe().model_dump(mode="json") == {"water": 1.0}
    assert Recipe(salt=0.5).model_dump(mode="json") == {"water": 1.0, "salt": 0.5}
    assert Recipe(spices=("mace",)).model_dump(mode="json", exclude={"water"}) == {"spices": ["mace"]}
    assert Recipe.model_validate(Recipe(salt=0.5).model_dump()) == Recipe(salt=0.5)
