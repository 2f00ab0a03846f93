"""Dropout acts in training only: at inference the network computes what it would without it, to the last bit."""

import numpy as np

from regularization.claims.kit import Case, Claim, Evidence, Identity, Measurement, apart, of, p_text
from regularization.methods import Tensor

PROBABILITIES = ((0.2, 0.5), (0.5, 0.5), (0.9, 0.9), (1.0, 1.0))
PASSES = 2
TOLERANCE = 0.0
SIZES = ((784, 32), (32, 16), (16, 10))


def evaluate(evidence: Evidence) -> Measurement:
    rng = evidence.rng
    import torch

    from regularization.draws import Draws
    from regularization.methods import method_class
    from regularization.textbook.dropout import dropout_layer
    from regularization.textbook.fashion_mlp import DropoutMLP, concise_mlp
    from regularization.training.network import Network

    parameters = [
        (torch.from_numpy(rng.standard_normal((a, b)) / a**0.5), torch.from_numpy(rng.standard_normal(b)))
        for a, b in SIZES
    ]
    x = torch.from_numpy(rng.random((50, 784)))
    uniforms = [[torch.from_numpy(rng.random((50, width))) for _, width in SIZES[:-1]] for _ in range(PASSES)]
    engine = Network([w[None] for w, _ in parameters], [b[None, None] for _, b in parameters])
    none, draws = method_class("none")(), Draws([0])

    def step(p: tuple[float, ...], at: int) -> Tensor:
        """The engine's outputs in a training step."""
        draws.step = at
        return engine.forward(x[None], method_class("dropout")(p=p, n_hidden=2), draws).output

    cases = list[Case]()
    with torch.no_grad(), torch.random.fork_rng():  # nn.Dropout draws from torch's global generator
        torch.manual_seed(int(rng.integers(2**31)))
        without = {
            "from scratch": DropoutMLP(parameters, (0.0, 0.0), [])(x),
            "concise": concise_mlp(parameters, (0.0, 0.0)).eval()(x),
            "engine": engine.forward(x[None], none, draws).output,
        }
        for p in PROBABILITIES:
            chapters = {"from scratch": DropoutMLP(parameters, p, uniforms), "concise": concise_mlp(parameters, p)}
            training = {name: [model(x) for _ in range(PASSES)] for name, model in chapters.items()}
            training["engine"] = [step(p, at) for at in range(PASSES)]
            inference = {name: [model.eval()(x) for _ in range(PASSES)] for name, model in chapters.items()}
            inference["engine"] = [engine.output(x[None]) for _ in range(PASSES)]
            for name, (first, second) in training.items():
                differences = [apart(output, without[name]) for output in inference[name]]
                cases += [
                    Case(name, p_text(p), "output", float(np.max(differences)), TOLERANCE),
                    Case(name, p_text(p), "output_in_training", apart(first, without[name])),
                    Case(name, p_text(p), "output_between_passes", apart(first, second)),
                ]
        undropped = dropout_layer(x, 0.0, torch.zeros_like(x))
        cases.append(Case("dropout layer", "0", "output", apart(undropped, x), TOLERANCE))
    off, on = of(cases, "output"), of(cases, "output_in_training")
    between = [case for case in of(cases, "output_between_passes") if case.p != p_text(PROBABILITIES[-1])]
    least, other = min(case.value for case in on), apart(without["engine"][0], without["from scratch"])
    cases.append(Case("engine", "0/0", "output_from_scratch", other))
    evidence.condition("changes", least > 0, least=least)
    closest = min(case.value for case in between)  # at p = 1 nothing is left to differ
    evidence.condition("passes_differ", closest > 0, least=closest)
    evidence.number("engine_apart", other)
    return Measurement.identity(off, PASSES * len(off), evidence, cases)


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate)
