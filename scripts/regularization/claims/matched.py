"""What a regularizer does at the same training loss (`analysis.matching`), asked of a study's runs."""

import pandas as pd

from regularization.analysis.matching import at_same_loss, of_other_length
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import Evidence, attempt, log, network
from regularization.naming import Key

LOGITS, PROBABILITIES = "logit_jacobian_norm", "jacobian_norm"  # the norm of ∂output/∂input of either output


def log_ratio(evidence: Evidence, regularized: Key, quantity: str) -> pd.Series:
    """`at_same_loss` of a probe, or of the weights' norm; raises `NotMeasured` where too few seeds can be matched."""
    tables, own = evidence.tables, regularized.setting
    settings = tables.known(("lengths", own), lambda: [own, *of_other_length(tables.settings, own)])
    lengths = [attempt(_log, evidence, network(setting=setting), quantity) for setting in settings]
    found = at_same_loss(_log(evidence, regularized, quantity), [one for one in lengths if one is not None])
    if found.empty:
        raise NotMeasured("lacks_match", key=regularized)
    return found


def _log(evidence: Evidence, key: Key, quantity: str) -> pd.DataFrame:
    """Log training loss and log quantity of a cell's runs."""

    def logs() -> pd.DataFrame:
        found = [evidence.quantity(key, name) for name in ("train_loss", quantity)]
        return log(pd.concat(found, axis=1, join="inner")).dropna()

    return evidence.tables.known(("log", key, quantity), logs)
