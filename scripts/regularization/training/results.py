"""The tables that one cohort leaves behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from regularization.columns import (
    ACCOUNT_COLUMNS,
    CALIBRATION_COLUMNS,
    CURVE_COLUMNS,
    METRICS,
    PROBE_COLUMNS,
    RUN_COLUMNS,
    RUN_KEY,
)
from regularization.methods import method_class
from regularization.settings import Setting

NO_PROBES = pd.DataFrame(
    {name: pd.Series(dtype="str" if name in ("run_id", "probe") else float) for name in PROBE_COLUMNS}
)
NO_CALIBRATION = pd.DataFrame(
    {name: pd.Series(dtype="str" if name == "run_id" else float) for name in CALIBRATION_COLUMNS}
)

NO_ACCOUNT = pd.DataFrame(
    {
        name: pd.Series(dtype="int64" if "seed" in name else "str" if name in RUN_KEY and name != "lam" else "float64")
        for name in ACCOUNT_COLUMNS
    }
)


@dataclass(frozen=True)
class Part:
    """The same tables for one tensor program, keyed by run_id only."""

    final: pd.DataFrame
    curves: pd.DataFrame
    predictions: pd.DataFrame | None
    probes: pd.DataFrame | None
    calibration: pd.DataFrame | None = None


@dataclass(frozen=True)
class CohortResult:
    """Tables of a cohort: runs in the order of the plan, curves by run and epoch; the others where planned."""

    runs: pd.DataFrame
    curves: pd.DataFrame
    predictions: pd.DataFrame
    probes: pd.DataFrame
    calibration: pd.DataFrame = field(default_factory=NO_CALIBRATION.copy)
    account: pd.DataFrame = field(default_factory=NO_ACCOUNT.copy)

    @classmethod
    def of(cls, planned: pd.DataFrame, settings: Mapping[str, Setting], parts: list[Part]) -> Self:
        """Join the programs' tables onto the planned runs; `ValueError` if one has no result or more than one."""
        final = pd.concat([part.final for part in parts], ignore_index=True)
        runs = planned.reset_index(drop=True).merge(final, on="run_id", how="left", validate="one_to_one")
        if runs["status"].isna().any():
            raise ValueError(
                f"no result for planned runs {runs.loc[runs['status'].isna(), 'run_id'].head().tolist()} …"
            )
        runs["epochs"] = [
            method_class(row.method).steps(settings[row.setting], row.lam) / settings[row.setting].steps_per_epoch
            for row in runs.itertuples()
        ]
        curves = pd.concat([part.curves for part in parts], ignore_index=True)
        rank = pd.Series(np.arange(len(runs)), index=runs["run_id"])
        curves = curves.iloc[np.lexsort((curves["epoch"], rank[curves["run_id"]]))].reset_index(drop=True)
        predictions = [part.predictions for part in parts if part.predictions is not None]
        probes = [part.probes for part in parts if part.probes is not None]
        calibration = [part.calibration for part in parts if part.calibration is not None]
        return cls(
            runs.reindex(columns=RUN_COLUMNS),
            curves.reindex(columns=CURVE_COLUMNS),
            pd.concat(predictions, ignore_index=True) if predictions else pd.DataFrame({"run_id": [], "item": []}),
            (pd.concat(probes, ignore_index=True) if probes else NO_PROBES).reindex(columns=PROBE_COLUMNS),
            runs[["run_id"]].merge(pd.concat(calibration), on="run_id") if calibration else NO_CALIBRATION,
        )


def assemble(
    run_ids: pd.Series,
    final: dict[str, np.ndarray],
    status: np.ndarray,
    curves: list[tuple[int, dict[str, np.ndarray]]],
    predictions: pd.DataFrame | None,
    probes: pd.DataFrame | None = None,
    calibration: dict[str, np.ndarray] | None = None,
) -> Part:
    """Turn a program's arrays, in the order of `run_ids`, into tables; metrics that a task lacks are NaN."""
    nothing = dict.fromkeys(METRICS, np.nan)
    table = pd.DataFrame({"run_id": run_ids.to_numpy(), "status": status, **nothing, **final})
    points = [
        pd.DataFrame({"run_id": run_ids.to_numpy(), "epoch": np.int32(epoch), **nothing, **metrics})
        for epoch, metrics in curves
    ]
    empty = pd.DataFrame({"run_id": pd.Series(dtype=str), "epoch": pd.Series(dtype=np.int32), **nothing}, index=[])
    return Part(
        table,
        pd.concat(points, ignore_index=True) if points else empty,
        predictions,
        probes,
        pd.DataFrame({"run_id": run_ids.to_numpy(), **calibration}).reindex(columns=CALIBRATION_COLUMNS)
        if calibration
        else None,
    )
