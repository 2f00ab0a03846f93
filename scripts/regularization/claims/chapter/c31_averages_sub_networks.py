"""Inference with all units averages the sub-networks that dropout trained."""

from contextlib import suppress

from regularization.claims import measures
from regularization.claims.kit import Claim, Differences, Evidence, NotMeasured, Within, dropped, each

MARGIN, LOSS_MARGIN = measures.ACCURACY_MARGIN, measures.LOSS_MARGIN
P, OTHERS = 0.5, (0.2, 0.8)
MASKS = (1, 3, 10, 30, 100)


def evaluate(evidence: Evidence) -> Differences:
    primary = compared(evidence, P)
    loss_agrees(evidence, P)
    for p in OTHERS:
        with suppress(NotMeasured):
            change = compared(evidence, p)
            outcome = measures.near(change, MARGIN)
            evidence.condition("accuracy_agrees", outcome, p=f"{p:g}", change=change.mean(), margin=MARGIN)
            loss_agrees(evidence, p)
    for masks in MASKS:
        with suppress(NotMeasured):
            accuracy, loss = parts(evidence, "mask_average", masks)
            evidence.number("averaged", accuracy, masks=masks, loss=loss)
    accuracy, loss = parts(evidence, "weight_scaling")
    evidence.number("scaled", accuracy, loss=loss)
    return primary


def parts(evidence: Evidence, inference: str, masks: int | None = None) -> list[float]:
    """Mean accuracy and cross-entropy."""
    return [evidence.probe(dropped(P), f"{inference}_{part}", masks).mean() for part in ("accuracy", "loss")]


def loss_agrees(evidence: Evidence, p: float) -> None:
    change = compared(evidence, p, "loss") / evidence.probe(dropped(p), "mask_average_loss", MASKS[-1]).mean()
    evidence.condition(
        "loss_agrees", measures.near(change, LOSS_MARGIN), p=f"{p:g}", change=change.mean(), margin=LOSS_MARGIN
    )


def compared(evidence: Evidence, p: float, part: str = "accuracy") -> Differences:
    """Weight scaling − the average of the most sub-networks, by run."""
    averaged = evidence.probe(dropped(p), f"mask_average_{part}", MASKS[-1])
    return (evidence.probe(dropped(p), f"weight_scaling_{part}") - averaged).dropna().to_numpy()


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate, variations=each(compared, p={f"p_{p}": p for p in OTHERS}))
