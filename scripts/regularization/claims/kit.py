"""What a claim's module is written with, in one place: rules, cells, differences, and what is noted of them."""

from regularization.analysis.tables import CHAPTER_LAM, CHAPTER_P, MANY, Estimate
from regularization.analysis.tuning import sign
from regularization.claims.claim import *
from regularization.claims.evidence import *
from regularization.naming import Key, p_text, parse_p
