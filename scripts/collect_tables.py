"""Collect the experiments' aggregated tables into results/tables, with the settings and the gates.

Usage: python scripts/collect_tables.py --config results/config.json --aggregated results/aggregated \
           --output results/tables
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd

from regularization.analysis.aggregation import gates_table, settings_table
from regularization.analysis.catalogue import COLLECTED, TABLES, store
from regularization.study.configuration import Configuration
from regularization.system import fetching
from regularization.system.command_line import Config, Data, Output, answered, folder, option
from regularization.system.fashion_mnist import N_PIXELS
from regularization.system.files import concatenate, read_table


def main(
    config: Config,
    aggregated: Annotated[Path, option(folder, "folder with one folder an experiment")],
    output: Output,
    data: Data = None,
) -> None:
    study = Configuration.read(config)
    for name in COLLECTED:
        parts = [aggregated / experiment / f"{name}.parquet" for experiment in study.experiments]
        if TABLES[name].csv:
            store(name, pd.concat([read_table(part) for part in parts], ignore_index=True), output / f"{name}.parquet")
        else:
            concatenate(parts, output / f"{name}.parquet")
    gated = ["experiment", "setting", "method", *sorted({gate.metric for gate in study.gates})]
    runs = read_table(output / "runs.parquet", gated)
    store("gates", gates_table(study.gates, runs), output / "gates.parquet")
    images = fetching.load(data) if data else None
    labels = np.asarray(images.test_labels) if images else np.zeros(0, dtype=np.uint8)
    items = pd.DataFrame({"item": np.arange(len(labels), dtype=np.int32), "label": labels})
    store("labels", items, output / "labels.parquet")
    first = items.drop_duplicates("label").sort_values("label")  # one test image of every class, to be shown
    pixels = images.test_images[first["item"]] if images else np.zeros((0, N_PIXELS), dtype=np.uint8)
    shown = first.loc[first.index.repeat(N_PIXELS)].assign(pixel=np.tile(np.arange(N_PIXELS), len(first)))
    shown = shown.assign(value=pixels.ravel())[TABLES["sample_images"].columns].reset_index(drop=True)
    store("sample_images", shown, output / "sample_images.parquet")
    # Only what was trained: the catalogue may hold more.
    trained = pd.MultiIndex.from_frame(read_table(output / "cells.parquet", ["experiment", "setting"]))
    settings = settings_table(study.settings)
    settings = settings[pd.MultiIndex.from_frame(settings[["experiment", "setting"]]).isin(trained)]
    store("settings", settings.reset_index(drop=True), output / "settings.parquet")


if __name__ == "__main__":
    answered(main)
