"""How much worse a linear model does on new data than on its training data."""

import pandas as pd

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.naming import Key


def gap(tables: Tables, key: Key) -> pd.Series:
    """Exact risk − training loss of a cell's runs, both mean squared errors, by (seed, data_seed)."""
    return evidence.values(tables, key, "risk") - evidence.values(tables, key, "train_loss")
