"""The dropout layer from scratch is the library's `nn.Dropout`: same outputs and gradients under the same mask."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from scipy import stats

from regularization.claims.claim import Case, apart, of
from regularization.claims.kit import CHAPTER_P, Claim, Evidence, Identity, Measurement, NotMeasured, network

TOLERANCE = 1e-12
SCRATCH, LIBRARY = "from scratch", "torch.nn.Dropout"
PROBABILITIES = (0.1, 0.2, 0.5, 0.9)
BY_CHANCE = 0.001  # how often right rates may fail their tests


def evaluate(evidence: Evidence) -> Measurement:
    rng = evidence.rng
    import torch
    from torch import nn

    from regularization.textbook.dropout import dropout_layer

    cases, n = list[Case](), 0
    with torch.random.fork_rng():  # nn.Dropout draws from torch's global generator
        torch.manual_seed(int(rng.integers(2**31)))
        for p in PROBABILITIES:
            x = torch.from_numpy(rng.standard_normal((200, 256)))
            upstream = torch.from_numpy(rng.standard_normal(x.shape))  # ∂loss/∂output
            library, own = x.clone().requires_grad_(), x.clone().requires_grad_()
            expected = nn.Dropout(p)(library)
            kept = expected.detach() != 0
            uniforms = torch.where(kept, (1 + p) / 2, p / 2)  # u > p exactly where the library kept
            output = dropout_layer(own, p, uniforms)
            [ours] = torch.autograd.grad((output * upstream).sum(), own)
            [theirs] = torch.autograd.grad((expected * upstream).sum(), library)
            kept_here = dropout_layer(x, p, torch.from_numpy(rng.random(x.shape))) != 0
            cases += [
                Case(SCRATCH, f"{p:g}", "output", (output - expected).abs().max().item(), TOLERANCE),
                Case(SCRATCH, f"{p:g}", "gradient", (ours - theirs).abs().max().item(), TOLERANCE),
            ]
            for name, mask in ((LIBRARY, kept), (SCRATCH, kept_here)):
                rate = stats.binomtest(int(mask.sum()), mask.numel(), 1 - p)
                cases.append(Case(name, f"{p:g}", "rate_p_value", rate.pvalue))
            n += x.numel()
        errors = of(cases, "output", "gradient")
        rates = [case.value for case in of(cases, "rate_p_value")]
        half = torch.full_like(x, 0.5)
        ends = [
            Case(SCRATCH, f"{p:g}", "end_output", apart(dropout_layer(x, p, half), nn.Dropout(p)(x)), 0.0)
            for p in (0.0, 1.0)
        ]
    refused = [
        Case(name, f"{p:g}", "accepted", float(not refuses(layer)), 0.0)
        for p in (-0.1, 1.1)
        for name, layer in ((SCRATCH, partial(dropout_layer, x, p, x)), (LIBRARY, partial(nn.Dropout, p)))
    ]
    evidence.condition("same_rate", min(rates) > BY_CHANCE / len(rates))
    evidence.condition("same_ends", all(case.passes for case in ends))
    evidence.condition("same_refusals", all(case.passes for case in refused))
    with suppress(NotMeasured):
        concise, scratch = (network("dropout", p=CHAPTER_P, setting=f"textbook{name}") for name in ("_concise", ""))
        evidence.number("trained", evidence.mean(evidence.differences(concise, scratch, "test_accuracy")))
    return Measurement.identity(errors, n, evidence, (*cases, *ends, *refused))


def refuses(call: Callable[[], object]) -> bool:
    try:
        call()
    except ValueError:
        return True
    return False


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate)
