"""Collect the experiments' aggregated tables into results/tables, with the settings and the gates.

Usage: python scripts/collect_tables.py --config results/config.json --aggregated results/aggregated \
           --output results/tables
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from regularization.analysis.aggregation import gates_table, settings_table
from regularization.study.configuration import Configuration
from regularization.system import command_line, fetching
from regularization.system.files import concatenate, read_table, write_table


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=command_line.file, required=True)
    parser.add_argument(
        "--aggregated", type=command_line.folder, required=True, help="folder with one folder an experiment"
    )
    parser.add_argument(
        "--data", type=command_line.folder, help="folder with the verified Fashion-MNIST arrays (dropout only)"
    )
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    study = Configuration.read(arguments.config)
    parts = [arguments.aggregated / experiment for experiment in study.experiments]
    for name in ("runs", "curves", "probes"):
        concatenate([part / f"{name}.parquet" for part in parts], arguments.output / f"{name}.parquet")
    for name in ("cells", "provenance"):
        table = pd.concat([read_table(part / f"{name}.parquet") for part in parts], ignore_index=True)
        write_table(table, arguments.output / f"{name}.parquet", csv=True)
    gated = ["experiment", "setting", "method", *sorted({gate.metric for gate in study.gates})]
    runs = read_table(arguments.output / "runs.parquet", gated)
    write_table(gates_table(study.gates, runs), arguments.output / "gates.parquet", csv=True)
    labels = fetching.load(arguments.data).test_labels if arguments.data else np.zeros(0, dtype=np.uint8)
    items = pd.DataFrame({"item": np.arange(len(labels), dtype=np.int32), "label": np.asarray(labels)})
    write_table(items, arguments.output / "labels.parquet")
    # Only what was trained: the catalogue may hold more.
    trained = pd.MultiIndex.from_frame(read_table(arguments.output / "cells.parquet", ["experiment", "setting"]))
    settings = settings_table(study.settings)
    settings = settings[pd.MultiIndex.from_frame(settings[["experiment", "setting"]]).isin(trained)]
    write_table(settings.reset_index(drop=True), arguments.output / "settings.parquet", csv=True)


if __name__ == "__main__":
    command_line.answered(main)
