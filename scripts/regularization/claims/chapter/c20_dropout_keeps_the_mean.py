"""Dropout keeps every unit's mean, E[x′] = x, at the price of variance x²p/(1−p)."""

import numpy as np

from regularization.claims.kit import Case, Claim, Evidence, Identity, Measurement, of

N_UNITS = 200  # whose mean and variance are looked at
N_MASKED = 10  # units in front of a layer: 2¹⁰ masks
PROBABILITIES = (0.1, 0.2, 0.5, 0.9)
ROUNDING = 1e-12
LAYER, LINEAR, RELU = "dropout layer", "linear layer", "ReLU layer"


def evaluate(evidence: Evidence) -> Measurement:
    rng = evidence.rng
    import torch

    from regularization.textbook.dropout import dropout_layer

    cases = list[Case]()
    masks = torch.arange(2**N_MASKED)[:, None] >> torch.arange(N_MASKED) & 1  # (masks, units), 1: kept
    weights = torch.from_numpy(rng.standard_normal((N_MASKED, 1_000)) / N_MASKED**0.5)
    h = torch.from_numpy(np.abs(rng.standard_normal((1, N_MASKED))))  # after a ReLU: not negative
    for p in PROBABILITIES:
        x = torch.from_numpy(rng.standard_normal((1, N_UNITS)))
        dropped, kept = (dropout_layer(x, p, torch.full_like(x, u)) for u in (p / 2, (1 + p) / 2))
        mean = p * dropped + (1 - p) * kept
        variance = p * (dropped - mean) ** 2 + (1 - p) * (kept - mean) ** 2
        relative = variance / (x**2 * p / (1 - p))
        uniforms = torch.where(masks > 0, (1 + p) / 2, p / 2).double()
        below = dropout_layer(h.expand(len(masks), -1), p, uniforms) @ weights
        chance = torch.from_numpy(np.where(masks.numpy() > 0, 1 - p, p)).prod(dim=1)
        average, whole = (chance @ below.relu()).sum().item(), (h @ weights).relu().sum().item()
        cases += [
            Case(LAYER, f"{p:g}", "mean", (mean - x).abs().max().item(), ROUNDING),
            Case(LAYER, f"{p:g}", "variance", (relative - 1).abs().max().item(), ROUNDING),
            Case(LINEAR, f"{p:g}", "mean", (chance @ below - h @ weights).abs().max().item(), ROUNDING),
            Case(RELU, f"{p:g}", "mean", abs(average - whole) / whole, ROUNDING),
            Case(RELU, f"{p:g}", "average_over_whole", average / whole),
        ]
        evidence.number("shift", average / whole, p=f"{p:g}")
    evidence.condition("passes_through", all(case.passes for case in of(cases, "mean") if case.case == LINEAR))
    errors = [case for case in cases if case.case == LAYER]
    return Measurement.identity(errors, len(PROBABILITIES) * N_UNITS, evidence, cases)


CLAIM = Claim(__name__, Identity(ROUNDING), evaluate)
