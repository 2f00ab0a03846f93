"""Dropout: h′ = h·1[u > p]/(1−p) with fresh u ~ U(0, 1) for every unit, sample and step; E[h′] = h.

In a network it follows every hidden layer, in the linear model (no hidden layer) it acts on the inputs. It acts in
training only. Source: Srivastava et al. 2014; Wager, Wang & Liang 2013 for the linear model.
"""

from typing import ClassVar

from regularization.methods import Draws, Method, Tensor


class Dropout(Method):
    keyed_by: ClassVar[tuple[str, ...]] = ("p",)
    affine = True

    def perturb_inputs(self, x: Tensor, draws: Draws) -> Tensor:
        if self.n_hidden > 0:
            return x
        return draws.dropout_mask(self.p[0], x).mul_(x)

    def perturb_hidden(self, h: Tensor, layer: int, draws: Draws) -> tuple[Tensor, Tensor | None]:
        mask = draws.dropout_mask(self.p[layer], h, part=layer)
        return h * mask, mask
