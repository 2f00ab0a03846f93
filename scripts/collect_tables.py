"""Collect the experiments' aggregated tables into results/tables, with the settings and the gates.

Usage: python scripts/collect_tables.py --config results/config.json --aggregated results/aggregated \
           --output results/tables
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from regularization.analysis.aggregation import gates_table, settings_table
from regularization.analysis.catalogue import COLLECTED, TABLES, store
from regularization.study.configuration import Configuration
from regularization.system import command_line, fetching
from regularization.system.files import concatenate, read_table


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=command_line.file, required=True)
    parser.add_argument(
        "--aggregated", type=command_line.folder, required=True, help="folder with one folder an experiment"
    )
    parser.add_argument(
        "--data",
        type=command_line.folder,
        help="folder with the verified Fashion-MNIST arrays (for an experiment that trains on it)",
    )
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    study = Configuration.read(arguments.config)
    folder = arguments.output
    for name in COLLECTED:
        parts = [arguments.aggregated / experiment / f"{name}.parquet" for experiment in study.experiments]
        if TABLES[name].csv:
            store(name, pd.concat([read_table(part) for part in parts], ignore_index=True), folder / f"{name}.parquet")
        else:
            concatenate(parts, folder / f"{name}.parquet")
    gated = ["experiment", "setting", "method", *sorted({gate.metric for gate in study.gates})]
    runs = read_table(folder / "runs.parquet", gated)
    store("gates", gates_table(study.gates, runs), folder / "gates.parquet")
    labels = fetching.load(arguments.data).test_labels if arguments.data else np.zeros(0, dtype=np.uint8)
    items = pd.DataFrame({"item": np.arange(len(labels), dtype=np.int32), "label": np.asarray(labels)})
    store("labels", items, folder / "labels.parquet")
    # Only what was trained: the catalogue may hold more.
    trained = pd.MultiIndex.from_frame(read_table(folder / "cells.parquet", ["experiment", "setting"]))
    settings = settings_table(study.settings)
    settings = settings[pd.MultiIndex.from_frame(settings[["experiment", "setting"]]).isin(trained)]
    store("settings", settings.reset_index(drop=True), folder / "settings.parquet")


if __name__ == "__main__":
    command_line.answered(main)
