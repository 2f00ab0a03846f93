"""Train a single run with a live learning curve and compare it with what the study stored.

Usage: python scripts/train_one.py --experiment linear_regression --setting textbook --method l2_penalty --lam 3
       python scripts/train_one.py --experiment fashion_mnist --setting samples_500 --method dropout --p 0.2/0.5
"""

import regularization.system.job

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd
from rich.console import Console
from rich.table import Table

from regularization.methods import method_class
from regularization.settings import EXPERIMENTS
from regularization.study import reading
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.system import devices, fetching
from regularization.system.command_line import answered, file, option, switch
from regularization.training import one_run


def main(
    experiment: Annotated[str, option(str, choices=EXPERIMENTS)],
    method: Annotated[str, option(str, "a file's name in scripts/regularization/methods")],
    setting: Annotated[str, option(str, "a name under settings: in the configuration (textbook)")] = "textbook",
    lam: Annotated[float, option(float, "λ ≥ 0 (0)")] = 0.0,
    p: Annotated[str, option(str, "dropout probability, one number or one a layer: 0.2/0.5 (0)")] = "0",
    seed: Annotated[int, option(int, "of the data, the initial weights, the batches, … (0)")] = 0,
    config: Annotated[Sequence[Path], option(file, "configuration files", nargs="+")] = (Path("config.yaml"),),
    textbook: Annotated[bool, switch("train with the plain loop of the textbook instead")] = False,
) -> None:
    console = Console(highlight=False)
    try:
        study = reading.validated(reading.load(config), check_machine=False)
        plan = one_run.requested(study, experiment, setting, method, lam, p, seed)
        run = train(study, plan, console, textbook=textbook)
    except (ConfigurationError, devices.NoDeviceError, one_run.RequestError, FileNotFoundError) as error:
        sys.exit(f"train_one.py: {error}")
    report(study, run, console)


def train(study: Configuration, plan: pd.DataFrame, console: Console, *, textbook: bool) -> pd.Series:
    """Train the planned run, drawing its curve, and return its row of results."""
    planned = plan.iloc[0]
    setting = study.settings[planned["experiment"]][planned["setting"]]
    console.print(f"[bold]{planned['run_id']}[/bold]  {setting}")
    images = fetching.load(study.results / "data") if setting.needs_images else None
    device = "cpu" if method_class(planned["method"]).closed_form else devices.chosen(study.device)

    from regularization.training.live_curve import LiveCurve

    with LiveCurve(setting.curve, setting.epochs, console) as curve:
        dtype = study.execution[planned["experiment"]].dtype
        if textbook:
            return one_run.train_by_the_textbook(plan, setting, dtype=dtype, images=images, on_epoch=curve.add)
        with devices.in_use(device):
            return one_run.train_one(plan, setting, dtype=dtype, device=device, images=images, on_epoch=curve.add)


def report(study: Configuration, run: pd.Series, console: Console) -> None:
    """Print the run's metrics beside the stored ones, or why there are none."""
    stored = one_run.stored_run(study.results, run)
    table = Table("metric", "this run", *(["stored", "relative difference"] if stored is not None else []))
    for column in table.columns[1:]:
        column.justify = "right"
    for row in one_run.comparison(run, run if stored is None else stored).itertuples():
        beside = [] if stored is None else [f"{row.stored:.6g}", f"{row.relative_difference:.1e}"]
        table.add_row(row.metric, f"{row.this_run:.6g}", *beside)
    console.print(table)
    if run.get("status") == "diverged":
        console.print("The run diverged: its training objective is not finite, or grew manifold.")
    if run.get("status") == "collapsed":
        console.print("The run collapsed: it had learnt something, and ends at chance or no better than it started.")
    console.print(one_run.verdict(study, run, stored))


if __name__ == "__main__":
    answered(main)
