"""Too large a p underfits: at p = 0.9 training and test error are both worse than at the best smaller p.

The best smaller p is chosen on validation data.
"""

from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, dropped, network
from regularization.naming import Key

TOO_LARGE = 0.9
FITTED = 0.99  # of the training images; below it a network no longer fits them


def evaluate(evidence: Evidence) -> Measurement:
    extreme, best = dropped(TOO_LARGE), best_smaller(evidence)
    loss = evidence.differences(extreme, best, "train_loss")
    fitted = evidence.table_of("train_accuracy", [best, extreme])
    highest = evidence.highest(fitted[1])
    evidence.condition("train_loss_higher", evidence.lowest(loss) > 0)
    evidence.condition("no_longer_fits", highest < FITTED)
    evidence.number("chosen", best.p)
    evidence.number("train_loss", loss.mean())
    evidence.number("accuracy_chosen", fitted[0].mean())
    evidence.number("accuracy_extreme", fitted[1].mean())
    return evidence.contrast(evidence.differences(extreme, best, "test_loss"))


def best_smaller(evidence: Evidence) -> Key:
    """The dropout cell other than 0.9 with the lowest mean validation loss, among those without a diverged run."""
    excluded = dropped(TOO_LARGE)
    keys = [key for p in evidence.ps("samples_500") if (key := network("dropout", p=p)) != excluded]
    cells = {key: evidence.tables.cell(key, "validation_loss") for key in keys}
    losses = {key: cell.mean for key, cell in cells.items() if cell is not None and cell.n_diverged == 0}
    if not losses:
        raise NotMeasured("lacks_smaller")
    return min(losses, key=losses.__getitem__)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="dropout-strength")
