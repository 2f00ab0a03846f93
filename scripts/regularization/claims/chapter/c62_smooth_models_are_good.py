"""Smooth models are good: among regularized networks those whose output changes less with the input predict better."""

import numpy as np
from scipy import stats

from regularization.claims.kit import PAIR, AtLeast, Claim, Differences, Evidence, NotMeasured, attempt, each, sign
from regularization.claims.matched import LOGITS, PROBABILITIES
from regularization.naming import CELL

CELLS = 5  # at least, in a ranking
FITS = 0.99  # of the training images


def evaluate(evidence: Evidence) -> Differences:
    for output, measure in ((PROBABILITIES, "tempered_loss"), (LOGITS, "test_loss"), (LOGITS, "test_accuracy")):
        evidence.shown("ranks_alike", correlations(evidence, output, measure), output=output, measure=measure)
    return correlations(evidence)


def correlations(
    evidence: Evidence, output: str = LOGITS, measure: str = "tempered_loss", fitting: bool = False
) -> np.ndarray:
    """Rank correlation of roughness with error over cells, one a seed."""
    runs = evidence.tables.runs
    runs = runs[(runs["experiment"] == "fashion_mnist") & (runs["setting"] == "samples_500") & (runs["status"] == "ok")]
    if fitting:
        runs = runs[runs.groupby(CELL)["train_accuracy"].transform("mean") >= FITS]
    if measure not in runs:
        if measure not in (known := evidence.tables.calibration):
            raise NotMeasured("lacks_measure", measure=measure)
        runs = runs.merge(known[["run_id", measure]], on="run_id")
    probes = evidence.tables.probes
    table = runs.merge(probes[probes["probe"] == output][["run_id", "value"]], on="run_id").dropna(subset=[measure])
    found = [
        stats.spearmanr(cells["value"], sign(measure) * cells[measure]).statistic
        for _, cells in table.groupby(PAIR)
        if len(cells) >= CELLS and cells[["value", measure]].nunique().gt(1).all()
    ]
    if len(found) < 2:
        raise NotMeasured("lacks_measure", measure=measure)
    return np.array(found)


def facts(evidence: Evidence) -> dict[str, object]:
    fitting = attempt(lambda: correlations(evidence, fitting=True))
    return {"fitting": None if fitting is None else evidence.mean(fitting)}


VARIATIONS = each(correlations, measure=("test_loss", "test_accuracy"), fitting={"networks_that_fit": True})
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS, facts=facts)
