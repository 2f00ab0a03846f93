"""Train single runs with a live learning curve and compare them with what the study stored.

Usage: python scripts/train_one.py --experiment linear_regression --setting textbook --method l2_penalty --lam 0 3 10
       python scripts/train_one.py --experiment fashion_mnist --setting samples_500 --method dropout --p 0.2/0.5

Of several λ or p every combination is trained, and their curves are drawn over each other. --save FILE writes FILE.csv,
the curves (run_id, method, lam, p, seed, epoch, one column a metric), and FILE.npz, the weights after training, as
NumPy arrays named RUN_ID/weight_1 (inputs, outputs), RUN_ID/bias_1 (outputs,), RUN_ID/weight_2, …
"""

import regularization.system.job

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from regularization.methods import method_class
from regularization.settings import EXPERIMENTS
from regularization.study import reading
from regularization.study.configuration import Configuration
from regularization.system import devices, fetching
from regularization.system.command_line import answered, file, option, switch
from regularization.training import one_run


def main(
    experiment: Annotated[str, option(str, choices=EXPERIMENTS)],
    method: Annotated[str, option(str, "a name in scripts/regularization/methods, with any :hyperparameter=value")],
    setting: Annotated[str, option(str, "a name under settings: in the configuration (textbook)")] = "textbook",
    lam: Annotated[Sequence[float], option(float, "one λ ≥ 0 or several (0)", nargs="+")] = (0.0,),
    p: Annotated[
        Sequence[str],
        option(str, "dropout probability or several, each one number or one a layer: 0.2/0.5 (0)", nargs="+"),
    ] = ("0",),
    seed: Annotated[int, option(int, "of the data, the initial weights, the batches, … (0)")] = 0,
    config: Annotated[Sequence[Path], option(file, "configuration files", nargs="+")] = (Path("config.yaml"),),
    textbook: Annotated[bool, switch("train with the plain loop of the textbook instead")] = False,
    save: Annotated[
        Path | None, option(Path, "write curves and weights to FILE.csv and FILE.npz", metavar="FILE")
    ] = None,
) -> None:
    console = Console(highlight=False)
    study = reading.validated(reading.load(config), check_machine=False)
    asked = itertools.product(dict.fromkeys(lam), dict.fromkeys(p))
    plans = [one_run.requested(study, experiment, setting, method, *strength, seed) for strength in asked]
    if save and (textbook or method_class(method).closed_form):
        what = "of the textbook's loop" if textbook else f"that {method} solves for"
        raise one_run.RequestError(f"--save keeps no weights {what}: leave --save out")
    if save:
        if there := [name for name in (f"{save}.csv", f"{save}.npz") if Path(name).exists()]:
            raise one_run.RequestError(f"--save: {there[0]} is there already: name another FILE, or delete it")
        save.parent.mkdir(parents=True, exist_ok=True)
    train(study, plans, console, textbook=textbook, save=save)


def train(
    study: Configuration, plans: Sequence[pd.DataFrame], console: Console, *, textbook: bool, save: Path | None
) -> None:
    """Train the planned runs one after the other, drawing their curves; then report each, and save what they learnt."""
    planned = plans[0].iloc[0]
    setting = study.settings[planned["experiment"]][planned["setting"]]
    images = fetching.load(study.results / "data") if setting.needs_images else None
    execution, finished, learnt, curves = study.execution[planned["experiment"]], [], {}, []

    from regularization.training.live_curve import LiveCurve
    from regularization.training.tasks.fashion_mnist import CURVE_IMAGES

    console.print(f"[bold]{', '.join(plan['run_id'].iloc[0] for plan in plans)}[/bold]  {setting}")
    first = (
        f"the first {CURVE_IMAGES:,} images of each set, the metrics below it on "
        if images is not None and not textbook
        else ""
    )
    console.print(f"The curve is measured on {first}whole sets of data.")
    with LiveCurve(setting.curve, setting.epochs, console, len(plans)) as curve:
        for plan in plans:
            run = plan.iloc[0]
            curve.begin(called(run))
            asked = {"dtype": execution.dtype, "images": images, "on_epoch": curve.add}
            if textbook:
                finished.append(one_run.train_by_the_textbook(plan, setting, **asked))
                continue
            device = "cpu" if method_class(run["method"]).closed_form else devices.chosen(study.device)
            kept: dict[str, np.ndarray] = {}
            with devices.in_use(device):
                finished.append(one_run.train_one(plan, setting, device=device, learnt=kept, **asked))
            learnt |= {f"{run['run_id']}/{name}": values for name, values in kept.items()}
            named = {name: run[name] for name in ("run_id", "method", "lam", "p", "seed")}
            points = next(reversed(curve.points.values()))
            curves += [{**named, "epoch": epoch, **metrics} for epoch, metrics in points]
    for run in finished:
        report(study, run, console)
    if save:
        pd.DataFrame(curves).to_csv(f"{save}.csv", index=False)
        np.savez(f"{save}.npz", **learnt)
        console.print(f"Saved: {save}.csv (curves) and {save}.npz (weights).")


def called(run: pd.Series) -> str:
    """What tells a run from the others: "λ = 3" of the linear model, "λ = 0.001, p = 0.2/0.5" of the network."""
    strengths = [f"λ = {run['lam']:g}"] * bool(run["lam"]) + [f"p = {run['p']}"] * (run["p"].strip("0/") != "")
    return ", ".join(strengths) or "no regularization"


def report(study: Configuration, run: pd.Series, console: Console) -> None:
    """Print the run's metrics beside the stored ones, or why there are none."""
    stored = one_run.stored_run(study.results, run)
    table = Table("metric", "this run", *(["stored", "relative difference"] if stored is not None else []))
    for column in table.columns[1:]:
        column.justify = "right"
    for row in one_run.comparison(run, run if stored is None else stored).itertuples():
        beside = [] if stored is None else [f"{row.stored:.6g}", f"{row.relative_difference:.1e}"]
        table.add_row(row.metric, f"{row.this_run:.6g}", *beside)
    table.title = called(run)
    console.print(table)
    if run.get("status") == "diverged":
        console.print("The run diverged: its training objective is not finite, or grew manifold.")
    if run.get("status") == "collapsed":
        console.print("The run collapsed: it had learnt something, and ends at chance or no better than it started.")
    console.print(one_run.verdict(study, run, stored))


if __name__ == "__main__":
    answered(main)
