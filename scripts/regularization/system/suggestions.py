"""What is said to a name that does not exist, in a configuration or on a command line."""

import difflib
import json
import math
from collections.abc import Iterable
from typing import Any

# Other names people know some words by; mere spelling mistakes are found without this.
ALIASES = {"lr": "learning_rate", "sigma": "noise_std", "lambda": "lam", "wd": "lam"}
ALIASES |= {"n": "n_train", "d": "n_features", "gpu": "cuda"}


def not_one_of(kind: str, given: Any, allowed: Iterable[str]) -> str:
    """'"l2_penality" is not a method; did you mean "l2_penalty"? Allowed: …'"""
    names = {name.lower(): name for name in allowed}
    word = str(given).lower()
    near = [ALIASES[word]] if ALIASES.get(word) in names else difflib.get_close_matches(word, names, n=1)
    hint = f"; did you mean {shown(names[near[0]])}?" if near else "."
    listed = ", ".join(name if name.isprintable() else shown(name) for name in names.values())
    return f"{shown(given)} is not {kind}{hint} Allowed: {listed or 'nothing'}."


def shown(value: Any) -> str:
    """A value as YAML writes it, cut where it is long."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text if text.isprintable() else json.dumps(value, default=str)  # one line, whatever is in it
    return text if len(text) <= 60 else f"{text[:59]}…"
