"""What the study ran on, in words: versions, devices and machines, each with every value that occurs."""

import pandas as pd

from regularization.reporting.words import count, listing

LIBRARIES = ("python", "torch", "numpy", "scipy", "pandas", "pyarrow")
DEVICE = ("device", "dtype", "threads")
MACHINE = ("device_name", "instructions", "system")


def environment(provenance: pd.DataFrame) -> dict[str, str]:
    """How jobs computed: device, dtype and threads."""
    return {name: ", ".join(_values(provenance, name)) for name in DEVICE}


def versions(provenance: pd.DataFrame) -> str:
    """Python and the libraries that numbers and files depend on."""
    known = {name: listing(_values(provenance, name)) for name in LIBRARIES}
    return ", ".join(f"{name} {values}" for name, values in known.items() if values)


def machines(provenance: pd.DataFrame) -> str:
    """The processors or graphics cards, the vector instructions and the systems: "AMD EPYC, AVX2, Linux x86_64".

    Several have their numbers of cohorts; one trained without PyTorch, which names no instructions, counts with others.
    """
    known = provenance.reindex(columns=list(MACHINE), fill_value="").fillna("").astype(str)
    counted = {
        ", ".join(part for part in (name, listing(_values(jobs, "instructions")), system) if part): len(jobs)
        for (name, system), jobs in known.groupby(["device_name", "system"])
    }
    if len(counted) == 1:
        return next(iter(counted)) or "not recorded"
    return "; ".join(f"{words or 'not recorded'} ({count(n, 'cohort')})" for words, n in counted.items())


def _values(provenance: pd.DataFrame, column: str) -> list[str]:
    """The values of a column, sorted; none where it is missing or empty."""
    return sorted({str(value) for value in provenance.get(column, pd.Series(dtype=str)).dropna()} - {""})
