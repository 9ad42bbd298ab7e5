"""How a multi-path network learns from teachers: the terms of its loss, as values."""

from typing import Final, Literal

from pydantic import Field

from core.runs.frozen import Frozen

Mix = Literal["none", "doubled", "literal", "additive", "swapped"]
# Mixes that know no teacher: the labels alone, and the control for the scale of the loss.
WITHOUT_TEACHERS: Final = ("none", "doubled")


class Distillation(Frozen):
    """The loss of each task: a mix of the loss against labels (Eq 3) and of the one against its teacher (Eq 4).

    Args:
        mix: Which mix: "literal" is α·labels + (1−α)·teacher, as Eq 5 is printed; "additive" is labels + α·teacher;
            "swapped" is (1−α)·labels + α·teacher; "none" is the labels alone; "doubled" is twice the labels, the
            control for the larger loss of "additive".
        alpha: Share α of the mix.
        temperature: T, by which scores are divided before they are compared.
        direction: Whose distribution weighs the divergence: "student" is KL(student‖teacher), as Eq 4 is printed;
            "teacher" is KL(teacher‖student), as in Hinton et al.
        squared: Whether the teacher's term is multiplied by T², so that its gradient keeps its size at any T.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, Eqs 3 to 5; Hinton et al., Distilling
        the Knowledge in a Neural Network, §2, for T².
    """

    mix: Mix = "literal"
    alpha: float = Field(default=0.9, ge=0.0, le=1.0)
    temperature: float = Field(default=2.0, ge=0.01, le=100.0)
    direction: Literal["student", "teacher"] = "student"
    squared: bool = False

    @property
    def weights(self) -> tuple[float, float]:
        """Factors of the loss against labels and of the one against the teacher.

        >>> Distillation(mix="literal", alpha=0.75).weights, Distillation(mix="additive", alpha=0.75).weights
        ((0.75, 0.25), (1.0, 0.75))
        >>> Distillation(mix="swapped", alpha=0.75).weights, Distillation(mix="doubled").weights
        ((0.25, 0.75), (2.0, 0.0))
        """
        match self.mix:
            case "none":
                return 1.0, 0.0
            case "doubled":
                return 2.0, 0.0
            case "literal":
                return self.alpha, 1.0 - self.alpha
            case "additive":
                return 1.0, self.alpha
            case "swapped":
                return 1.0 - self.alpha, self.alpha

    @property
    def has_teachers(self) -> bool:
        """Whether the teacher's term counts at all."""
        return self.weights[1] > 0.0

    @property
    def warning(self) -> str | None:
        """What is odd about the mix, as a sentence; None if nothing is."""
        if self.mix in WITHOUT_TEACHERS or self.has_teachers:
            return None
        if self.mix == "literal":
            return (
                "With α = 1 Eq 5 as printed gives the teacher the weight 0, which switches distillation off. Choose an "
                "α below 1, or the additive mix, which the paper's α = 1 can only mean."
            )
        return f"With α = 0 the {self.mix} mix gives the teacher the weight 0. Choose an α above 0, or the mix none."
