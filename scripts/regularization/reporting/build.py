"""The whole report: gather what the sections need, render them once, write the page and the PDF."""

import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from regularization.analysis.tables import Tables
from regularization.reporting import archive, ledger
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.catalogue import FIGURES, asked
from regularization.reporting.facts import facts, network, weight_decay
from regularization.reporting.figures import own
from regularization.reporting.page import downloads, html, markdown, pdf
from regularization.reporting.page.explorer import explorers
from regularization.reporting.titles import titles
from regularization.reporting.words import verbatim
from regularization.settings import AT_CHANCE, DIVERGED, EXPERIMENTS, FALLEN
from regularization.study import manifest
from regularization.study.configuration import Configuration
from regularization.system import image_sets, machine
from regularization.system.files import read_json, sha256, write_bytes
from regularization.system.image_sets import FASHION_MNIST
from regularization.system.wording import claims, sections

COMMAND = "snakemake --cores all"


def build(
    tables: Path,
    figures: Path,
    report: Path,
    config: Path | None,
    page: Path,
    document: Path,
    *,
    documented: Sequence[str] | None = None,
) -> None:
    """Write the report as HTML and as PDF; each appears only when it is complete.

    Besides the folders and `config`, the resolved configuration as JSON, its only inputs are the commit of the sources,
    SOURCE_DATE_EPOCH (a date to show instead of the newest job's) and, where they exist beside the tables,
    `data/fetch.json` (checksums) and `benchmark.csv`. The clock is none. With the names of
    the files that are `documented` beside the tables, machines are told what is there, too.
    """
    written = Configuration.read(config) if config else None
    configuration = config.read_text(encoding="utf-8") if config else ""
    study = Tables.read(tables, configuration=configuration)
    entries = exhibit.read(figures, asked(written) if written else FIGURES)
    named = context(study, configuration, tables.parent, report, machine.commit(report))
    text = markdown.render(report / "sections", entries, named)
    made = epoch(study.provenance)
    title, subtitle = titles(study.experiments, configuration)
    metadata = {"title": title, "subtitle": subtitle, "lang": "en-GB"}
    if made is not None:
        metadata["date"] = date(made)
    files = downloads.files(study, entries, figures, configuration)
    with ThreadPoolExecutor(1) as beside:  # pandoc and Typst, which make the PDF, let Python work on the page
        pdf_bytes = beside.submit(pdf.document, text, report, entries, figures, metadata, made)
        explored = explorers(study)
        page_bytes = html.page(text, report, entries, figures, explored, files, metadata).encode()
    write_bytes(page_bytes, page)
    write_bytes(pdf_bytes.result(), document)
    if documented is not None:
        archive.write(tables.parent, {**named, **metadata})
        manifest.write(tables.parent, documented)


def epoch(provenance: pd.DataFrame) -> int | None:
    """The report's date, in seconds since 1970: SOURCE_DATE_EPOCH if it is set, else when the newest job ended.

    None, and the report bears no date, where no job recorded its time (`finished`, such as "2026-11-25T21:36:26Z").
    """
    if (given := machine.source_date()) is not None:
        return given
    times = provenance["finished"].dropna() if "finished" in provenance else []
    return max((int(datetime.fromisoformat(time).timestamp()) for time in times), default=None)


def date(seconds: int) -> str:
    """Seconds since 1970 as a date in Greenwich: "5 November 2026"."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.day} {moment:%B %Y}"


def context(study: Tables, configuration: str, results: Path, report: Path, code: str) -> dict[str, Any]:
    """Everything the sections name, computed from the tables."""
    written = json.loads(configuration) if configuration else {}
    wanted = tuple(written.get("experiments", ())) if configuration else study.experiments
    linear = study.studied("linear_regression")
    mlp = study.studied("fashion_mnist")
    record = results / "data" / "fetch.json"
    fetched = read_json(record) if record.is_file() else None
    checksums = fetched.get("sha256", {}) if fetched else {}  # by file
    boundary = next((value for name in linear if (value := study.constant(name, "stability_boundary"))), None)
    tuning_mlp, tuning_mlp_images = _tuning_mlp(study)
    made = epoch(study.provenance)
    return {
        "experiments": study.experiments,
        "not_run": [name for name in EXPERIMENTS if name not in study.experiments],
        "fashion_mnist_configured": "fashion_mnist" in wanted,
        "left_out": [name for name in sections() if written.get("sections") and name not in written["sections"]],
        "claims_chosen": [len(written["claims"]), len(claims())] if written.get("claims") else [],
        **weight_decay.context(study),
        **ledger.context(study),
        "n_runs": len(study.runs),
        **{f"n_{status}": f"{(study.runs['status'] == status).sum():,}" for status in ("diverged", "collapsed")},
        "n_seeds": dict(study.runs.groupby("experiment")["seed"].nunique()),
        "gates": facts.gates(study),
        "gates_failed": int((~study.gates["passed"].astype(bool)).sum()),
        "cost": facts.cost(study),
        "costs": facts.costs(study) if len(study.provenance) else None,
        "benchmark": facts.benchmark(results / "benchmark.csv"),
        "environment": facts.environment(study.provenance),
        "versions": facts.versions(study.provenance),
        "machines": facts.machines(study.provenance),
        "linear_settings": linear,
        "linear": study.setting("linear_regression", linear[0]) if linear else None,
        "mlp": study.setting("fashion_mnist", mlp[0]) if mlp else None,
        "edition_2023": _edition_2023(study),
        "unaccounted": weight_decay.unaccounted(study) if len(study.account) else None,
        **network.context(study),
        "published": facts.published(study, report / "published.csv"),
        "tuning_linear": facts.tuning(study, "linear_regression", "textbook_noise_0.1", ["l2_penalty"]),
        "tuning_mlp": tuning_mlp,
        "tuning_mlp_images": tuning_mlp_images,
        "implementations": facts.implementations(study),
        "calibration": facts.calibration(study),
        "overview": facts.overview(study),
        "lost": facts.lost(study),
        "unstable": [verbatim(name) for name in linear if study.unstable(name)],
        "boundary": boundary,
        "diverged_from": DIVERGED,
        "fallen": FALLEN,
        "at_chance": AT_CHANCE,
        "settings_tables": {name: facts.settings_table(study, name) for name in study.experiments},
        "chapter_parameters": {name: facts.chapter_parameters(name) for name in study.experiments},
        "command": COMMAND,
        "own": own.context(own.cells(study)),
        "images": study.images,
        "chapters_images": study.images == FASHION_MNIST,
        "guessing": math.log(len(image_sets.classes(study.images))),
        "commit": code,
        "fetched": fetched and {"source": fetched.get("source"), "version": fetched.get("version")},
        "checksums": checksums,
        "checksums_table": pd.DataFrame(sorted(checksums.items()), columns=["file", "SHA-256"]),
        "downloads": downloads.links(study, configuration),
        "not_carried": downloads.not_carried(study, configuration),
        "configuration": configuration,
        "definition": markdown.definition,
        "title": titles(study.experiments, configuration)[0],
        "day": made and datetime.fromtimestamp(made, UTC).date().isoformat(),
        **archive.authors(),
        "numbers": sha256(study.folder / "runs.parquet") if study.folder else None,
    }


def _edition_2023(study: Tables) -> dict[str, pd.Series | None]:
    """What was trained with the values of the printed edition, by experiment; empty where nothing was."""
    found = {
        short: study.setting(name, "textbook_2023") if study.studied(name, ["textbook_2023"]) else None
        for short, name in (("linear", "linear_regression"), ("mlp", "fashion_mnist"))
    }
    return found if any(one is not None for one in found.values()) else {}


def _tuning_mlp(study: Tables) -> tuple[list[dict[str, Any]], float | None]:
    """Tuning on test data, each method by itself, where there are the most strengths to choose from; images there."""
    methods = ["weight_decay", "dropout"]
    found = {name: facts.tuning(study, "fashion_mnist", name, methods) for name in study.series("fashion_mnist")}
    name = max(found, key=lambda name: sum(one["n_strengths"] for one in found[name]), default=None)
    return (found[name], study.setting("fashion_mnist", name)["n_train"]) if name else ([], None)
