"""Dropout and weight decay together: the λ × p grid. Cells with λ = 0 or p = 0 are the simpler method's."""

from regularization.methods import dropout, weight_decay


class DropoutWithWeightDecay(dropout.Dropout, weight_decay.WeightDecay):
    keyed_by = ("lam", "p")

    @classmethod
    def reduces_to(cls, lam: float, p: tuple[float, ...]) -> str:
        if lam > 0 and any(p):
            return cls.name()
        return dropout.Dropout.reduces_to(0, p) if any(p) else weight_decay.WeightDecay.reduces_to(lam, ())
