"""What a claim's module is written with, in one place: rules, cells, differences, and what is noted of them."""

from regularization.analysis.tables import CHAPTER_LAM, CHAPTER_P, MANY, Estimate
from regularization.analysis.tuning import sign
from regularization.claims.claim import (
    AtLeast,
    Case,
    Claim,
    Identity,
    InNearlyAll,
    Measurement,
    NotMeasured,
    Outcome,
    Within,
    apart,
    each,
    of,
    together,
)
from regularization.claims.evidence import (
    PAIR,
    Differences,
    Evidence,
    attempt,
    between,
    dropped,
    levels,
    linear,
    network,
)
from regularization.naming import Key, p_text, parse_p
