"""The whole report: gather what the sections need, render them once, write the page and the PDF."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from regularization.figures import exhibit
from regularization.figures.exhibit import Entry
from regularization.files import write_bytes
from regularization.reporting import facts, html, ledger, markdown, pdf
from regularization.reporting.findings import findings
from regularization.reporting.words import listing, span
from regularization.tables import Tables

TITLE = "Weight decay and dropout, measured"
SUBTITLE = "Two experiments of a deep-learning textbook, run over every λ, p and seed"
DOWNLOADED_TABLES = ("cells", "settings", "theory", "gates", "provenance")
DOWNLOADED_ANALYSES = ("decomposition", "examples", "tuning", "claims", "controls")  # those that are there
COMMAND = "snakemake --cores all"


def build(tables: Path, figures: Path, report: Path, config: Path | None, page: Path, document: Path) -> None:
    """Write the report as HTML and as PDF; each appears only when it is complete.

    Args:
        tables: folder with the study's tables.
        figures: folder with the figures and their manifest.
        report: the report's sources.
        config: the resolved configuration as JSON, or None.
        page: where the HTML goes.
        document: where the PDF goes.

    The only other inputs are SOURCE_DATE_EPOCH (the date shown; without it there is none), the commit of the working
    tree, and, where it exists beside the tables, `data/fetch.json` (checksums).
    """
    study = Tables.read(tables)
    entries = exhibit.read(figures)
    configuration = config.read_text(encoding="utf-8") if config and config.is_file() else ""
    text = markdown.render(
        report / "sections", entries, context(study, entries, configuration, tables.parent, commit(report))
    )
    epoch = int(os.environ["SOURCE_DATE_EPOCH"]) if os.environ.get("SOURCE_DATE_EPOCH") else None
    metadata = {"title": TITLE, "subtitle": SUBTITLE, "lang": "en-GB"}
    if epoch is not None:
        metadata["date"] = f"{datetime.fromtimestamp(epoch, UTC):%d %B %Y}"
    files = downloads(study, entries, figures, configuration)
    write_bytes(html.page(text, report, entries, figures, files, metadata).encode(), page)
    write_bytes(pdf.document(text, report, entries, figures, metadata, epoch), document)


def context(
    study: Tables, entries: Mapping[str, Entry], configuration: str, results: Path, code: str
) -> dict[str, Any]:
    """Everything the sections name, computed from the tables."""
    wanted = tuple(json.loads(configuration).get("experiments", ())) if configuration else study.experiments
    linear = study.studied("weight_decay")
    mlp = study.studied("dropout")
    checksums = _checksums(results / "data" / "fetch.json")
    environment = facts.environment(study)
    gates = facts.gates(study)
    cells = study.runs[["experiment", "setting", "method", "lam", "p"]].drop_duplicates()
    seeds = study.runs.groupby("experiment")["seed"].nunique()
    settings = {name: facts.settings_table(study, name) for name in study.experiments}
    boundary = next((value for name in linear if (value := study.constant(name, "stability_boundary"))), None)
    return {
        "experiments": study.experiments,
        "not_run": [name for name in ("weight_decay", "dropout") if name not in study.experiments],
        "dropout_configured": "dropout" in wanted,
        "findings": findings(study),
        "verdicts": ledger.verdicts(study.claims),
        "claims": ledger.table(study.claims),
        "reservations": ledger.reservations(study.claims),
        "controls": ledger.controls(study.controls),
        "n_runs": len(study.runs),
        "n_cells": len(cells),
        "n_diverged": f"{(study.runs['status'] != 'ok').sum():,}",
        "n_seeds_words": listing(f"up to {span([n])} seeds for {name.replace('_', ' ')}" for name, n in seeds.items()),
        "gates": gates,
        "gates_failed": int((~study.gates["passed"].astype(bool)).sum()),
        "cost": facts.cost(study),
        "environment": environment,
        "versions": ", ".join(
            f"{name} {environment[name]}" for name in ("python", "torch", "numpy") if name in environment
        ),
        "linear": study.setting("weight_decay", linear[0]) if linear else None,
        "mlp": study.setting("dropout", mlp[0]) if mlp else None,
        "account": facts.account(study),
        "mlp_gap": _mlp_gap(study),
        "tuning_linear": facts.tuning(study, "weight_decay", "textbook_noise_0.1", ["l2_penalty"]),
        "tuning_mlp": _tuning_mlp(study),
        "implementations": facts.implementations(study),
        "overview": facts.overview(study),
        "boundary": boundary,
        "settings_tables": settings,
        "chapter_parameters": {name: facts.chapter_parameters(name) for name in study.experiments},
        "command": COMMAND,
        "commit": code,
        "data_words": _data_words(results / "data" / "fetch.json"),
        "checksums": checksums,
        "checksums_table": pd.DataFrame(sorted(checksums.items()), columns=["file", "SHA-256"]),
        "downloads": ", ".join(f"[{name}]({markdown.DOWNLOAD}{name}.csv.gz)" for name in _downloaded(study))
        + (f", [configuration]({markdown.DOWNLOAD}config.json)" if configuration else "")
        + ".",
        "configuration": configuration,
        "definition": markdown.definition,
    }


def downloads(study: Tables, entries: Mapping[str, Entry], figures: Path, configuration: str) -> dict[str, bytes]:
    """Every file the page carries: the data of each figure, the smaller tables, the configuration."""
    files = {entry.data: (figures / entry.data).read_bytes() for entry in entries.values()}
    for name in _downloaded(study):
        table = getattr(study, name).to_csv(index=False, float_format="%.6g", lineterminator="\n")
        files[f"{name}.csv.gz"] = html.compressed(table.encode())
    return files | ({"config.json": configuration.encode()} if configuration else {})


def _downloaded(study: Tables) -> list[str]:
    """The tables that the page carries."""
    return [*DOWNLOADED_TABLES, *(name for name in DOWNLOADED_ANALYSES if not getattr(study, name).empty)]


def commit(folder: Path) -> str:
    """The commit the working tree of `folder` is at, or "unknown" outside git."""
    command = ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:  # no git on this machine
        return "unknown"
    return result.stdout.strip() if result.returncode == 0 else "unknown"


def _mlp_gap(study: Tables) -> dict[str, float] | None:
    """Final accuracies of the chapter's network without dropout."""
    key = study.baseline("dropout", "textbook")
    train, test = study.cell(key, "train_accuracy"), study.cell(key, "test_accuracy")
    return {"train": train.mean, "test": test.mean} if train and test else None


def _tuning_mlp(study: Tables) -> facts.Tuning | None:
    """Tuning on test data in the setting with the largest grid."""
    methods = ["dropout", "weight_decay", "dropout_weight_decay"]
    found = [facts.tuning(study, "dropout", name, methods) for name in study.studied("dropout", prefix="samples_")]
    return max((one for one in found if one), key=lambda one: one.n_cells, default=None)


def _checksums(path: Path) -> dict[str, str]:
    """File → SHA-256 from the fetch step's record, empty where there is none."""
    if not path.is_file():
        return {}
    record = json.loads(path.read_text(encoding="utf-8"))
    return {str(name): str(digest) for name, digest in record.get("sha256", {}).items()}


def _data_words(path: Path) -> str:
    if not path.is_file():
        return "the linear task draws its own; no record of fetching Fashion-MNIST is among the results"
    record = json.loads(path.read_text(encoding="utf-8"))
    source = " ".join(filter(None, [record.get("source"), record.get("version")]))
    return f"Fashion-MNIST from {source or 'an unnamed source'}, verified; the linear task draws its own"
