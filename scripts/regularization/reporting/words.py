"""Numbers and lists as a reader wants to see them. Nothing in the report's text is typed by hand."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from regularization.analysis.tables import Estimate

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS = "−"
EXACT = 1e15  # up to here every whole number is a float
SETTING_TITLES = {
    "textbook": "the chapter's code, σ = 0.01",
    "textbook_noise_0.1": "the chapter's text, σ = 0.1",
    "zero_init": "started at zero, σ = 0.01",
    "zero_init_noise_0.1": "started at zero, σ = 0.1",
    "converged": "trained to convergence, σ = 0.1",
}


def number(value: float | None, digits: int = 3) -> str:
    """`value` to `digits` significant digits: 179.6 → "180", 12345 → "12,300", 0.00001234 → "1.23 × 10⁻⁵"."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -4 <= exponent < 6:
        rounded = float(f"{value:.{digits - 1}e}")
        decimals = max(digits - 1 - math.floor(math.log10(abs(rounded))), 0)
        text = f"{rounded:,.{decimals}f}"
    else:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        text = f"{mantissa} × 10{str(int(power)).translate(SUPERSCRIPTS)}"
    return text.replace("-", MINUS)


def plain(value: float) -> str:
    """A grid value or parameter in its shortest form: 3.0 → "3", 60000 → "60,000", 0.05 → "0.05", 1e-9 → "10⁻⁹"."""
    if float(value).is_integer() and abs(value) < EXACT:
        return f"{value:,.0f}".replace("-", MINUS)
    short = f"{value:g}"
    return in_powers(short if math.isclose(float(short), value, rel_tol=1e-9) else f"{value:.10g}").replace("-", MINUS)


def in_powers(text: str) -> str:
    """Text in which a program's powers of ten are written as a reader's: 4.4e-16 → "4.4 × 10⁻¹⁶"."""
    return re.sub(
        r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]\d+)\b",
        lambda found: ("" if found[1] == "1" else f"{found[1]} × ") + f"10{str(int(found[2])).translate(SUPERSCRIPTS)}",
        text,
    )


def verbatim(text: str) -> str:
    """A name as Markdown that shows it as it is, two hyphens too; the bar is left to the table that it stands in."""
    return re.sub(r"([\\`*_{}\[\]<>#~^$@]|-(?=-)|\.(?=\.))", r"\\\1", str(text))


def escaped(text: str) -> str:
    """Text of any kind as `verbatim`, but for powers of ten."""
    return verbatim(in_powers(str(text)))


def bibtex(text: str) -> str:
    """Text of any kind as the value of a BibTeX field."""
    return re.sub(r"[\\#$%&_{}]", lambda one: r"\textbackslash{}" if one[0] == "\\" else f"\\{one[0]}", str(text))


def p_value(value: float | None) -> str:
    """A p-value, a small one as its bound: "0.04" or "< 0.001"."""
    return "< 0.001" if value is not None and value < 0.001 else number(value, 2)


def fixed(value: float, decimals: int) -> str:
    """`value` with a fixed number of decimals and a real minus sign."""
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", MINUS)  # + 0.0: no negative zero


def percent(share: float, decimals: int = 0) -> str:
    """A share in [0, 1] as "42 %"; shares that would round to all or nothing say so only if they are."""
    value = 100 * share
    if decimals == 0 and share not in (0, 1) and round(value) in (0, 100):
        decimals = 1
    return f"{fixed(value, decimals)}\u202f%"


def interval(estimate: Estimate, digits: int = 2, scale: float = 1.0) -> str:
    """Mean and 95 % interval, to `digits` significant digits of its half-width; the mean alone for one seed."""
    mean, low, high = (scale * value for value in (estimate.mean, estimate.low, estimate.high))
    half = (high - low) / 2
    if not math.isfinite(low) or half <= 0:
        return number(mean, digits + 1)
    decimals = digits - 1 - math.floor(math.log10(half))
    if decimals > 5:
        return f"{number(mean)} [{number(low)}, {number(high)}]"
    return f"{fixed(mean, max(decimals, 0))} [{fixed(low, max(decimals, 0))}, {fixed(high, max(decimals, 0))}]"


def experiment_title(name: str, images: str) -> str:
    """What an experiment is called in a sentence; `images` names the set that networks were trained on."""
    return {"fashion_mnist": images}.get(name, spaced(name))


def setting_title(name: str) -> str:
    """What a setting is, for a panel's title; a setting of the user's own is called by its name."""
    return SETTING_TITLES.get(name, spaced(name))


def spaced(name: str) -> str:
    """A name of the tables, as a text writes it."""
    return name.replace("_", " ")


def listing(items: Iterable[str], last: str = "and") -> str:
    """A list in prose: "a", "a and b", "a, b and c"."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def each(items: Iterable[Any], say: Callable[[Any], str]) -> list[str]:
    """What a macro says of every item, without those that it has nothing to say of."""
    return [text for item in items if (text := say(item).strip())]


def count(n: int, noun: str, plural: str | None = None) -> str:
    """A number of things: "1 run", "1,200 runs", "no runs"."""
    many = plural or f"{noun}s"
    return f"no {many}" if n == 0 else f"{n:,} {noun if n == 1 else many}"


def span(values: Sequence[float]) -> str:
    """The range of whole numbers, e.g. of seeds a cell: "200" or "3 to 12"."""
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def duration(seconds: float) -> str:
    """Seconds as a person says it: "48 s", "12 min", "3.2 h"."""
    if seconds < 120:
        return f"{number(seconds, 2)} s"
    if seconds < 7200:
        return f"{number(seconds / 60, 2)} min"
    return f"{number(seconds / 3600, 2)} h"


def short_duration(seconds: float) -> str:
    """A duration that may be far below a second: "3.2 ms"."""
    return duration(seconds) if seconds >= 1 else f"{number(1000 * seconds, 2)} ms"


def capitalised(text: str) -> str:
    """A sentence's first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]
