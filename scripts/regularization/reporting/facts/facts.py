"""Smaller facts that the sections' text needs: what ran on what, what it cost, what tuning on test data would claim."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, CHAPTER_P, Estimate, Tables, distinct, estimate
from regularization.analysis.tuning import choices, grid, sign
from regularization.columns import CALIBRATION
from regularization.naming import CELL, Key
from regularization.reporting.drawing.style import look
from regularization.reporting.figures.weight_decay.implementations import VERSIONS
from regularization.reporting.words import (
    count,
    experiment_title,
    fixed,
    interval,
    listing,
    number,
    percent,
    plain,
    short_duration,
    spaced,
    verbatim,
)
from regularization.settings import setting_class


def tuning(tables: Tables, experiment: str, setting: str, methods: Sequence[str]) -> list[dict[str, Any]]:
    """Choosing a method's strength for each seed by a test metric, as the chapter does, beside choosing by validation.

    By method and metric, in words, as they are read: of how many strengths, none included; `by_test`, what tuning on
    test data would report; `by_validation`, what the strength reports that the metric's validation counterpart chooses;
    and `optimism`, how much better the first looks, paired by seed: never negative. Empty where nothing was tuned.
    """
    told: list[dict[str, Any]] = []
    for method in methods:
        if (found := grid(tables.runs, experiment, setting, method)) is None:
            continue
        for metric in setting_class(experiment).flattered:
            by_test, by_validation = choices(found, metric)
            test, validation = (estimate(sign(metric) * values) for values in (by_test, by_validation))
            chosen = {"by_test": test, "by_validation": validation, "optimism": estimate(by_validation - by_test)}
            named = {"method": look(method).label, "metric": "accuracy" if metric == "test_accuracy" else "loss"}
            told.append({**named, "n_strengths": len(found.strengths), **chosen})
    return told


def implementations(tables: Tables) -> pd.DataFrame:
    """The from-scratch and the concise version side by side: one row a version, empty unless two were run."""
    rows = []
    for version in VERSIONS:
        key = Key("linear_regression", version.setting, version.method, CHAPTER_LAM * version.factor, "0")
        risk, norm = tables.cell(key, "risk"), tables.cell(key, "weight_norm")
        if risk is None or norm is None:
            continue
        rate = number(tables.setting("linear_regression", version.setting)["learning_rate"])
        row = {"version": version.style.label, "λ given": plain(key.lam), "learning rate": rate}
        row |= {"exact risk": interval(risk), "‖w‖": interval(norm)}
        rows.append({**row, "seeds": f"{risk.n:,}", "diverged": f"{risk.n_diverged:,}"})
    return pd.DataFrame(rows) if len(rows) > 1 else pd.DataFrame()


def published(tables: Tables, citations: Path) -> pd.DataFrame:
    """Test errors from the literature (CSV: data, model, test error %, source) above the chapter network's, if run."""
    rows = pd.read_csv(citations, dtype=str)
    rows["source"] = "@" + rows["source"]
    ours = []
    none = tables.baseline("fashion_mnist", "textbook")
    for key in (none, none._replace(method="dropout", p=CHAPTER_P)):
        accuracy = tables.cell(key, "test_accuracy")
        if accuracy is not None:
            error = Estimate(1 - accuracy.mean, 1 - accuracy.high, 1 - accuracy.low, accuracy.n)
            model = f"the chapter's MLP, {spaced(key.method) if key.method != 'none' else 'no regularization'}"
            ours.append((tables.images, model, interval(error, scale=100), "this study"))
    return pd.concat([rows, pd.DataFrame(ours, columns=rows.columns)]) if ours else rows.iloc[:0]


def calibration(tables: Tables) -> pd.DataFrame:
    """Calibration of every network cell whose runs have a temperature: means over seeds, one row a cell."""
    known = tables.calibration.dropna(subset=["tempered_loss"]) if len(tables.calibration) else tables.calibration
    if known.empty:
        return known
    runs = tables.runs[tables.runs["status"] == "ok"].merge(known, on="run_id")
    means = runs.groupby(CELL, sort=False)[list(CALIBRATION)].mean().reset_index()
    return pd.DataFrame(
        {
            "setting": verbatim(cell.setting),
            "method": look(cell.method).label,
            "λ": plain(cell.lam),
            "p": cell.p,
            **{name: fixed(100 * getattr(cell, name), 1) for name in ("accuracy", "confidence", "ece")},
            **{spaced(name): fixed(getattr(cell, name), 3) for name in ("brier", "loss", "tempered_loss")},
            "temperature": number(cell.temperature, 3),
        }
        for cell in means.itertuples()
    )


def overview(tables: Tables) -> pd.DataFrame:
    """What was trained, one row an experiment."""
    trained = {name: tables.runs[tables.runs["experiment"] == name] for name in tables.experiments}
    return pd.DataFrame(
        {
            "experiment": experiment_title(name, tables.images),
            "settings": f"{runs['setting'].nunique():,}",
            "methods": f"{runs['method'].nunique():,}",
            "cells": f"{len(runs[CELL].drop_duplicates()):,}",
            "runs": f"{len(runs):,}",
            "diverged": f"{(runs['status'] != 'ok').sum():,}",
        }
        for name, runs in trained.items()
    )


def lost(tables: Tables) -> pd.DataFrame:
    """The runs that diverged or collapsed, one row a setting and method that has any."""
    rows = []
    for (_, setting, method), status in tables.runs.groupby(CELL[:3], sort=False)["status"]:
        counts = {name: int((status == name).sum()) for name in ("diverged", "collapsed")}
        if any(counts.values()):
            told = {name: f"{n:,}" for name, n in counts.items()}
            rows.append({"setting": verbatim(setting), "method": look(method).label, **told, "of": f"{len(status):,}"})
    return pd.DataFrame(rows)


def settings_table(tables: Tables, experiment: str) -> pd.DataFrame:
    """The settings of an experiment, each with the parameters in which it differs from the chapter."""
    chapter = setting_class(experiment)()
    rows = []
    for name in tables.studied(experiment):
        setting = tables.setting(experiment, name)
        own = {field.name: _value(setting[field.name]) for field in fields(chapter)}
        differing = [f"{spaced(key)} {own[key]}" for key in own if own[key] != _value(getattr(chapter, key))]
        rows.append({"setting": verbatim(name), "differs from the chapter in": ", ".join(differing) or "nothing"})
    return pd.DataFrame(rows)


def chapter_parameters(experiment: str) -> str:
    """The chapter's own values."""
    chapter = setting_class(experiment)()
    return ", ".join(f"{spaced(field.name)} {_value(getattr(chapter, field.name))}" for field in fields(chapter))


def gates(tables: Tables) -> pd.DataFrame:
    """The gates as a reader's table."""
    return pd.DataFrame(
        {
            "setting": verbatim(gate.setting),
            "method": spaced(gate.method),
            "quantity": spaced(gate.metric),
            "required": f"{gate.of} ≥ {plain(gate.at_least)}",
            "lowest seed": number(gate.worst, 4),
            "median": number(gate.median, 4),
            "mean": number(gate.mean, 4),
            "seeds": f"{gate.n:,}",
            "passed": "yes" if gate.passed else "NO",
        }
        for gate in tables.gates.itertuples()
    )


def cost(tables: Tables) -> dict[str, float]:
    """What the study took: sums over cohorts in seconds, the largest job in MiB, and the share spent training."""
    provenance = tables.provenance
    parts = ("wall", "cpu", "start_up", "training", "evaluation")
    seconds = {part: float(provenance[f"{part}_seconds"].sum()) for part in parts}
    busy = seconds["training"] + seconds["evaluation"]
    share, peak = busy / (busy + seconds["start_up"]), float(provenance["peak_memory_mib"].max())
    return {"cohorts": len(provenance), **seconds, "busy_share": share, "peak_memory_mib": peak}


def costs(tables: Tables) -> pd.DataFrame:
    """Core-seconds (wall time of a job times its threads) by experiment and method, the cheapest run first."""
    seconds = [f"{part}_seconds" for part in ("wall", "start_up", "training", "evaluation")]
    jobs = tables.runs[["experiment", "cohort", "method"]].drop_duplicates().merge(tables.provenance)
    jobs[seconds] = jobs[seconds].mul(jobs["threads"], axis=0)
    every = pd.concat([jobs.assign(method="all"), jobs])
    sums = every.groupby(["experiment", "method"])[["n_runs", *seconds]].sum().reset_index()
    sums = sums.assign(a_run=sums["wall_seconds"] / sums["n_runs"], single=sums["method"] != "all")
    sums["order"] = sums["experiment"].map(tables.experiments.index)
    return pd.DataFrame(
        {
            "experiment": experiment_title(str(cost.experiment), tables.images),
            "method": look(cost.method).label if cost.single else "all methods",
            "runs": f"{cost.n_runs:,}",
            "core-seconds": number(cost.wall_seconds),
            "a run": short_duration(cost.a_run),
            **{spaced(part): percent(getattr(cost, f"{part}_seconds") / cost.wall_seconds)
               for part in ("start_up", "training", "evaluation")},
        }
        for cost in sums.sort_values(["order", "single", "a_run"]).itertuples()
    )  # fmt: skip


def benchmark(measured: Path) -> dict[str, Any] | None:
    """How fast the engine trains, why some of it was not measured, and the machine; None where it was not measured."""
    if not measured.is_file():
        return None
    rows = pd.read_csv(measured, keep_default_na=False)
    shown = pd.DataFrame(
        {
            "measure": row.measure,
            "ours": number(float(row.ours)),
            "reference": number(float(row.reference)),
            "unit": row.unit,
            "ratio": number(float(row.ratio)),
            "held to": f"≥ {plain(float(row.bar))}",
        }
        for row in rows.itertuples()
    )
    missing = [*dict.fromkeys(note for note in rows["note"] if note)]
    return {"rows": shown, "missing": missing, "machine": rows["machine"].iloc[0]}


LIBRARIES = ("python", "torch", "numpy", "scipy", "pandas", "pyarrow")
DEVICE = ("device", "dtype", "threads")
MACHINE = ("device_name", "instructions", "system")


def environment(provenance: pd.DataFrame) -> dict[str, str]:
    """How jobs computed: device, dtype and threads."""
    return {name: ", ".join(distinct(provenance, name)) for name in DEVICE}


def versions(provenance: pd.DataFrame) -> str:
    """Python and the libraries that numbers and files depend on."""
    known = {name: listing(distinct(provenance, name)) for name in LIBRARIES}
    return ", ".join(f"{name} {values}" for name, values in known.items() if values)


def machines(provenance: pd.DataFrame) -> str:
    """The processors or graphics cards, the vector instructions and the systems: "AMD EPYC, AVX2, Linux x86_64".

    Several have their numbers of cohorts; one trained without PyTorch, which names no instructions, counts with others.
    """
    known = provenance.reindex(columns=list(MACHINE), fill_value="").fillna("").astype(str)
    counted = {
        ", ".join(part for part in (name, listing(distinct(jobs, "instructions")), system) if part): len(jobs)
        for (name, system), jobs in known.groupby(["device_name", "system"])
    }
    if len(counted) == 1:
        return next(iter(counted)) or "not recorded"
    return "; ".join(f"{words or 'not recorded'} ({count(n, 'cohort')})" for words, n in counted.items())


def _value(value: Any) -> str:
    """A parameter as text: numbers short; one that is not set is torch's default."""
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    if isinstance(value, str):
        return spaced(value) or "none"
    return "default" if value is None or pd.isna(value) else plain(float(value))
