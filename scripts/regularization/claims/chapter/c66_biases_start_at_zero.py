"""The biases of the chapter's network start at 0."""

import numpy as np

from regularization.claims.kit import Case, Claim, Evidence, Identity, Measurement

SEEDS = 3


def evaluate(evidence: Evidence) -> Measurement:
    rng = evidence.rng
    import torch
    from torch import nn

    from regularization.settings import FashionMLPSetting
    from regularization.textbook import inputs

    networks = [inputs.mlp_parameters(FashionMLPSetting(), seed) for seed in range(SEEDS)]
    largest = max(float(np.abs(bias.detach().numpy()).max()) for layers in networks for _, bias in layers)
    cases = [Case("from scratch", "", "largest_initial_bias", largest, 0.0)]
    with torch.random.fork_rng():  # nn.Linear draws from torch's global generator
        torch.manual_seed(int(rng.integers(2**31)))
        layer = nn.Linear(784, 256)
        nn.init.normal_(layer.weight, std=0.01)
    library = float(layer.bias.detach().abs().max())
    cases.append(Case("torch.nn.Linear", "", "largest_initial_bias", library, 0.0))
    evidence.condition("librarys_too", library == 0, largest=library)
    return Measurement.identity(cases[:1], SEEDS, evidence, cases)


CLAIM = Claim(__name__, Identity(0.0), evaluate)
