"""At inference dropout does nothing: the network computes what it would without it, to the last bit.

The chapter's network and its layer, the library's, and the batched engine that trains the study. Condition, so that the
comparison can fail: in training all of them do change their outputs.
"""

from regularization.claims.claim import Claim, Identity, Measurement
from regularization.claims.evidence import Evidence
from regularization.claims.identities import Case, apart, of
from regularization.naming import p_text

PROBABILITIES = ((0.2, 0.5), (0.5, 0.5), (0.9, 0.9), (1.0, 1.0))
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
    uniforms = [torch.from_numpy(rng.random((50, width))) for _, width in SIZES[:-1]]
    engine = Network([w[None] for w, _ in parameters], [b[None, None] for _, b in parameters])
    none = method_class("none")()
    cases = list[Case]()
    with torch.no_grad(), torch.random.fork_rng():  # nn.Dropout draws from torch's global generator
        torch.manual_seed(int(rng.integers(2**31)))
        whole = DropoutMLP(parameters, (0.0, 0.0), [])(x)
        whole_concise = concise_mlp(parameters, (0.0, 0.0)).eval()(x)
        whole_engine = engine.forward(x[None], none, Draws([0])).output
        for p in PROBABILITIES:
            scratch, concise = DropoutMLP(parameters, p, [uniforms]), concise_mlp(parameters, p)
            dropping = engine.forward(x[None], method_class("dropout")(p=p, n_hidden=2), Draws([0])).output
            outputs = {  # in training, at inference, and without dropout
                "from scratch": (scratch(x), scratch.eval()(x), whole),
                "concise": (concise(x), concise.eval()(x), whole_concise),
                "engine": (dropping, engine.output(x[None]), whole_engine),
            }
            for name, (training, inference, without) in outputs.items():
                cases += [
                    Case(name, p_text(p), "output", apart(inference, without), TOLERANCE),
                    Case(name, p_text(p), "output_in_training", apart(training, without)),
                ]
        undropped = dropout_layer(x, 0.0, torch.zeros_like(x))
        cases.append(Case("dropout layer", "0", "output", apart(undropped, x), TOLERANCE))
    off, on = of(cases, "output"), of(cases, "output_in_training")
    least, other = min(case.value for case in on), apart(whole_engine[0], whole)
    cases.append(Case("engine", "0/0", "output_from_scratch", other))
    evidence.condition("changes", least > 0)
    evidence.number("smallest_change", least)
    evidence.number("engine_apart", other)
    return Measurement.identity(off, len(off), evidence, cases)


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate, figure="identities", table="identities")
