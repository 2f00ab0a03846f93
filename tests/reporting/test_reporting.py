"""The report: numbers as words, one numbering, a page that needs nothing else, a PDF that can be read aloud."""

import base64
import gzip
import io
import json
import math
import random
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
import typst
import yaml
from fontTools.ttLib import TTFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject
from scipy import stats

import shared
import synthetic
from figures import example_analyses
from figures.checks import page_problems, pdf_problems
from figures.example_tables import LINEAR, SMOKE, Size, example_tables, with_own
from figures.example_tables import write as write_tables
from figures.reports import SOURCES, report
from regularization.analysis.benchmark import QUICK
from regularization.analysis.benchmark.table import measures
from regularization.analysis.tables import Estimate, Tables, estimate
from regularization.naming import Key
from regularization.reporting import words
from regularization.reporting.build import context
from regularization.reporting.drawing import exhibit, vector
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.facts import facts, weight_decay
from regularization.reporting.figures import own
from regularization.reporting.page import downloads, markdown
from regularization.reporting.page.fonts import font_faces
from regularization.reporting.page.numbering import Numbering
from regularization.reporting.wording import environment
from regularization.reporting.words import in_powers
from regularization.system.wording import sections

ROOT = Path(__file__).resolve().parents[2]
CASES = shared.cases(__file__)


@pytest.mark.parametrize(("value", "text"), CASES["numbers"])
def test_numbers_have_three_significant_digits(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(("text", "written"), CASES["powers_of_ten"])
def test_powers_of_ten_are_written_as_such(text: str, written: str) -> None:
    assert in_powers(text) == written


def test_numbers_are_written_to_the_precision_they_have_and_means_with_their_seeds() -> None:
    assert words.interval(Estimate(179.642, 176.1, 183.2, 200)) == "179.6 [176.1, 183.2]"
    assert words.interval(Estimate(-0.24113, -0.2513, -0.2309, 12)) == "−0.241 [−0.251, −0.231]"
    assert words.interval(Estimate(5.0, float("nan"), float("nan"), 1)) == "5.00"
    assert words.interval(Estimate(0.0, 0.0, 0.0, 3)) == "0"
    assert words.percent(1.0) == "100\u202f%"
    assert words.percent(0.9987) == "99.9\u202f%"
    assert words.percent(0.0004) == "0.0\u202f%"

    def said(n: list[int], n_diverged: list[int]) -> str:
        seeds = environment().get_template("figures/shared.md.j2").module.seeds
        return " ".join(seeds(n, n_diverged).split())

    assert (
        said([200, 200], [0, 0])
        == "Means over 200 seeds; bars and bands are 95 % intervals. No run diverged or collapsed."
    )
    assert "12 runs in 2 cells diverged or collapsed and are left out" in said([200, 193, 195], [0, 7, 5])
    assert "1 run in 1 cell diverged or collapsed and is left out" in said([200, 199], [0, 1])
    assert "a single seed has no interval" in said([1, 1], [0, 0])


def test_the_interval_is_students_t_and_differences_are_paired_by_seed() -> None:
    values = np.random.default_rng(1).normal(3, 2, 12)
    result = estimate(values)
    reference = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (result.low, result.high) == pytest.approx((reference.low, reference.high))
    # Seeds differ a hundred times more than methods do, and the difference does not show it.
    tables = example_tables(SMOKE)
    seeds = np.arange(8)
    noise = 100.0 * np.random.default_rng(0).normal(size=8)
    base = {"experiment": "linear_regression", "setting": "x", "p": "0", "data_seed": seeds, "seed": seeds}
    base["status"] = "ok"
    none = pd.DataFrame(base | {"method": "none", "lam": 0.0, "risk": noise})
    decayed = pd.DataFrame(base | {"method": "l2_penalty", "lam": 3.0, "risk": noise - 1 + 0.01 * seeds}).iloc[::-1]
    study = tables.replace(runs=pd.concat([none, decayed]))
    paired = study.paired(
        Key("linear_regression", "x", "l2_penalty", 3.0, "0"), Key("linear_regression", "x", "none", 0.0, "0"), "risk"
    )
    assert paired is not None
    assert paired.difference.mean == pytest.approx(-0.965)
    assert paired.difference.high < -0.9
    assert paired.n_lower == 8


def test_settings_are_described_by_what_they_change_and_are_settings_of_the_study() -> None:
    table = facts.settings_table(example_tables(), "linear_regression").set_index("setting").iloc[:, 0]
    assert table["textbook"] == "nothing"
    assert table[words.verbatim("zero_init_noise_0.1")] == "noise std 0.1, init std 0"
    mlp = facts.settings_table(example_tables(), "fashion_mnist").set_index("setting").iloc[:, 0]
    assert mlp[words.verbatim("textbook_concise")] == "init std 0.01"
    assert "hidden none" in mlp[words.verbatim("softmax_500")]
    assert "hidden 256/256" in facts.chapter_parameters("fashion_mnist")
    # The made-up tables stay in step with the catalogue of config.yaml.
    catalogue = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["settings"]["linear_regression"]
    assert set(LINEAR) <= set(catalogue)


def test_a_reference_has_its_targets_number_even_before_it_and_to_nothing_or_to_two_is_an_error() -> None:
    first = Numbering()
    first.reference("fig-b")
    for anchor in ("fig-a", "tbl-a", "fig-b"):
        first.number(anchor)
    assert Numbering(first.given).reference("fig-b") == "[Figure\u00a02](#fig-b)"
    numbering = Numbering({"fig-a": 1})
    with pytest.raises(KeyError, match="fig-b"):
        numbering.reference("fig-b")
    numbering.number("fig-a")
    with pytest.raises(ValueError, match="twice"):
        numbering.number("fig-a")
    with pytest.raises(ValueError, match="must start with"):
        numbering.number("picture-a")


@pytest.mark.parametrize("path", sorted((SOURCES / "sections").glob("*.j2")), ids=lambda path: path.stem)
def test_no_number_in_the_text_is_typed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(
        r"\{% call.*?endcall %\}|\{%.*?%\}|\{\{.*?\}\}|\$[^$]*\$|\{#[^}]*\}|λ = 0|@\w+", "", text, flags=re.DOTALL
    )
    text = re.sub(r"^# .*$", "", text, flags=re.MULTILINE)
    for allowed in CASES["typed"]:
        text = text.replace(allowed, "")
    assert re.findall(r".{0,30}\d.{0,30}", text) == []


def test_stars_stay_stars_equations_are_mathml_on_one_line_and_names_nobody_computes_errors(tmp_path):
    """Two λ* in a caption are no emphasis, and λ = 3 is not broken after the λ."""
    page = report().page
    assert "λ* = " in page.replace("\u00a0", " ")
    assert "λ <em>" not in page
    (tmp_path / "a.md.j2").write_text("At λ = 3 and λ\\* ≈ 5, $n = 20$ and 95 %.", encoding="utf-8")
    text = markdown.render(tmp_path, {}, {})
    assert text == "At λ\u00a0=\u00a03 and λ\\*\u00a0≈\u00a05, $n = 20$ and 95\u202f%."
    (tmp_path / "a.md.j2").write_text("The risk is {{ risky }}.", encoding="utf-8")
    with pytest.raises(Exception, match="'risky' is undefined"):
        markdown.render(tmp_path, {}, {})
    page = report().page
    assert page.count("<math") > 20
    assert 'href="#ref-hoerl1970ridge"' in page
    assert 'id="ref-hoerl1970ridge"' in page


def test_an_inlined_drawing_keeps_its_ids_to_itself_and_fonts_hold_hardly_more_than_the_glyphs_used() -> None:
    text = (report().figures / "weight-decay-risk.svg").read_text(encoding="utf-8")
    element = vector.inline(text, "here", 'a "line"')
    ids = re.findall(r'\bid="([^"]+)"', element)
    assert ids
    assert all(name.startswith("here-") for name in ids)
    assert set(re.findall(r'(?:url\(|href=")#([^)"]+)', element)) <= set(ids)
    assert 'aria-label="a &quot;line&quot;"' in element
    assert "var(--blue)" in element
    assert "#0072b2" not in element
    assert not re.search(r'<svg[^>]* width="\d', element)
    small, large = font_faces(SOURCES / "fonts", "abc"), font_faces(SOURCES / "fonts", "abcλσ‖≥→∑")
    assert len(small) < len(large) < 300_000


@pytest.mark.parametrize(
    "size",
    [
        Size(),
        SMOKE,
        Size(experiments=("linear_regression",), seeds=2, linear=("textbook", "samples_20"), lam=(0.0, 3.0)),
        replace(SMOKE, analyses=False),
    ],
    ids=["both experiments", "smoke", "weight decay alone", "nothing derived"],
)
def test_the_page_has_no_fault(size: Size) -> None:
    assert page_problems(report(size).page) == []


@pytest.mark.parametrize(("old", "new", "fault"), CASES["broken_pages"])
def test_the_checks_find_what_is_broken_in_a_page(old: str, new: str, fault: str) -> None:
    page, new = report(SMOKE).page, new * 5_000_000 if new == "x" else new
    assert old in page
    assert any(fault in problem for problem in page_problems(page.replace(old, new)))


def test_a_description_that_repeats_the_caption_is_found_and_a_picture_without_one_refused(tmp_path: Path) -> None:
    page = report(SMOKE).page
    label = re.search(r'<figure id="(?:(?!</figure>).)*?role="img" aria-label="([^"]+)"', page, re.DOTALL)
    assert label
    broken = page[: label.end()] + page[label.end() :].replace("<figcaption>", f"<figcaption>{label[1]}", 1)
    assert any("repeats the caption" in problem for problem in page_problems(broken))
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8")
    (tmp_path / "a.typ").write_text('#set document(title: [x])\n#image("a.svg")', encoding="utf-8")
    with pytest.raises(typst.TypstError, match="alt"):
        typst.compile(str(tmp_path / "a.typ"), pdf_standards=["ua-1"])


def test_data_behind_a_figure_and_tables_can_be_taken_along_large_ones_compressed(tmp_path: Path) -> None:
    built = report()
    links = dict(re.findall(r'href="data:[\w/+]+;charset=utf-8,([^"]+)" download="([^"]+)"', built.page))
    files = {name: unquote(data) for data, name in links.items()}
    assert files["dropout-grid.csv"] == (built.figures / "dropout-grid.csv").read_text(encoding="utf-8")
    assert files["tuning.csv"] == (built.figures / "tuning.csv").read_text(encoding="utf-8")
    assert len(pd.read_csv(io.StringIO(files["tuning-table.csv"]))) == len(
        pd.read_parquet(built.tables / "tuning.parquet")
    )
    packed = re.search(r'href="data:application/gzip;base64,([^"]+)" download="cells.csv.gz"', built.page)
    assert packed
    cells = pd.read_csv(io.BytesIO(gzip.decompress(base64.b64decode(packed[1]))))
    stored = pd.read_parquet(built.tables / "cells.parquet")
    assert len(cells) == len(stored)
    np.testing.assert_allclose(cells["mean"], stored["mean"], rtol=1e-5)
    tables = Tables.read(write_tables(example_tables(SMOKE), tmp_path))
    many = tables.replace(theory=pd.concat([tables.theory] * (1 + downloads.LARGE // len(tables.theory))))
    files = downloads.files(many, {}, tmp_path, "")
    assert "theory.csv" not in files
    assert len(pd.read_csv(io.BytesIO(gzip.decompress(files["theory.csv.gz"])))) == len(many.theory)
    assert files["theory.csv.gz"][4:8] == bytes(4)  # where gzip keeps the time
    assert "[theory (gzip)](download:theory.csv.gz)" in downloads.links(many, "")
    assert "`results/tables/runs.parquet`" in downloads.not_carried(tables, "")
    assert "`other/tables/runs.parquet`" in downloads.not_carried(tables, json.dumps({"results": "other"}))
    assert "cells.parquet" not in downloads.not_carried(tables, "")


def rendered(tables: Tables, configuration: str = "", results: Path = Path("nowhere")) -> str:
    """The report's text as Markdown, with the figures that the experiments of these tables can have."""
    sections = {"linear_regression": "weight_decay", "fashion_mnist": "dropout"}
    shown = {sections[name] for name in tables.experiments}
    figures = {name: entry for name, entry in exhibit.read(report().figures).items() if FIGURES[name].section in shown}
    return markdown.render(SOURCES / "sections", figures, context(tables, configuration, results, SOURCES, "unknown"))


def test_an_experiment_not_run_a_failed_gate_and_a_missing_ledger_are_said() -> None:
    linear = example_tables(Size(experiments=("linear_regression",), seeds=2))
    left_out = rendered(linear)
    assert "The Fashion-MNIST experiment was not run" in left_out
    assert "train-images-idx3-ubyte" in left_out
    assert "The configuration leaves it out" in left_out
    wanted = rendered(linear, json.dumps({"experiments": ["linear_regression", "fashion_mnist"]}))
    assert "could not be found or did not pass verification" in wanted
    other = rendered(example_tables(Size(experiments=("fashion_mnist",), seeds=2)))
    assert "The linear regression experiment was not run" in other
    assert "#fig-weight-decay" not in other
    tables = example_tables(Size(experiments=("fashion_mnist",), seeds=2))
    tables.gates.loc[0, ["passed", "worst"]] = [False, 0.91]
    text = rendered(tables)
    assert f"**1 check of {len(tables.gates)} failed.**" in text
    assert "failed.**" not in rendered(tables.replace(gates=tables.gates.assign(passed=True)))
    assert "0.9100" in text
    assert f"1 check of {len(tables.gates)} on the trained models failed" in text
    text = rendered(example_tables(replace(SMOKE, analyses=False)))
    assert "#claims" not in text
    assert "the ledger" not in text
    split = "that no other network of the same method has seen"  # of its variance, for which predictions are kept
    assert split not in rendered(example_tables(Size(experiments=("fashion_mnist",), seeds=1)))
    assert split in rendered(example_tables())


def test_whatever_sections_are_chosen_no_link_leads_nowhere_and_nothing_else_is_shown() -> None:
    tables, names, rng = example_tables(), [*sections()], random.Random(0)
    figures = {name: exhibit.Entry(name, f"**{name}.** Dots.", name) for name in FIGURES}
    given = json.dumps({"experiments": tables.experiments, "sections": ["claims", "reproduce"], "claims": ["c01"]})
    found = context(tables, given, Path("nowhere"), SOURCES, "unknown")
    text = markdown.render(SOURCES / "sections", figures, found)
    assert re.search(r"chose 1 of the \d\d claims", text)
    assert "the sections answers, setups, error" in text
    marks = {"error": "{#error ", "claims": "#claim-", "methods": "{#methods}", "reproduce": "{#reproduce}"}
    for chosen in [*([one] for one in names), *(rng.sample(names, rng.randint(2, 12)) for _ in range(20))]:
        found["left_out"] = [name for name in names if name not in chosen]
        text = markdown.render(SOURCES / "sections", figures, found)
        anchors = re.findall(r"\{[^{}\n]*#([\w-]+)", text)
        assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= set(anchors), chosen
        assert "\u00a00]" not in text, "a reference without a number"
        assert {name for name, mark in marks.items() if mark in text} == {*marks} & {*chosen}


def test_the_speed_stands_in_the_report_once_it_was_measured(tmp_path: Path) -> None:
    tables = example_tables(Size(experiments=("linear_regression",), seeds=2))
    without = rendered(tables, results=tmp_path)
    known = measures(QUICK, None, None)
    rows = [(name, 1234.5, 2.5, 493.8, unit, bar, "", "A *Processor*") for name, (bar, unit, _) in known.items()]
    rows[1] = ("linear_vs_jax", math.nan, math.nan, math.nan, "runs/s", 3, "JAX is not installed", rows[1][-1])
    columns = ["measure", "ours", "reference", "ratio", "unit", "bar", "note", "machine"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "benchmark.csv", index=False, na_rep="nan")
    with_it = rendered(tables, results=tmp_path)
    before, _, rest = with_it.partition("::: {#tbl-benchmark}")
    table, _, after = rest.partition(":::")
    assert "| linear runs, one core, against the chapter's loop | 1,230 | 2.50 | runs/s | 494 | ≥ 700 |" in table
    assert "against JAX, compiled, in float64 | – | – | runs/s | – | ≥ 3 |" in table
    assert "Not measured: JAX is not installed." in table
    assert "A \\*Processor\\*" in table
    assert [name for name in known if name in table] == [], "every measure has words"
    heading = "## How fast is the engine? {#speed}"
    assert (before.replace(heading, "") + after).split() == without.split()


def test_costs_are_of_all_jobs_by_method_and_two_threads_cost_twice_as_many() -> None:
    tables = example_tables(Size(seeds=2))
    jobs = tables.provenance
    for threads in (1, 2):
        shown = facts.costs(tables.replace(provenance=jobs.assign(threads=threads)))
        whole = shown[shown["method"] == "all methods"]
        sums = jobs.groupby("experiment")[["n_runs", "wall_seconds"]].sum().loc[[*tables.experiments]]
        assert list(whole["runs"]) == [f"{n:,}" for n in sums["n_runs"]]
        assert list(whole["core-seconds"]) == [words.number(threads * seconds) for seconds in sums["wall_seconds"]]
        assert len(shown) == len(tables.runs[["experiment", "method"]].drop_duplicates()) + len(whole)


def test_every_machine_is_named_with_what_it_ran_and_every_version() -> None:
    one = pd.DataFrame({"device_name": "AMD EPYC", "instructions": ["AVX2", ""], "system": "Linux x86_64"})
    assert facts.machines(one) == "AMD EPYC, AVX2, Linux x86_64"
    two = pd.concat([one, one.assign(device_name="NVIDIA H100", instructions="AVX512").head(1)])
    assert facts.machines(two) == (
        "AMD EPYC, AVX2, Linux x86_64 (2 cohorts); NVIDIA H100, AVX512, Linux x86_64 (1 cohort)"
    )
    assert facts.machines(pd.DataFrame({"cohort": ["a", "b"]})) == "not recorded"
    mixed = pd.DataFrame({"python": "3.11.2", "torch": ["2.14.1", ""], "pyarrow": ["25.0", "26.0"]})
    assert facts.versions(mixed) == "python 3.11.2, torch 2.14.1, pyarrow 25.0 and 26.0"
    text = rendered(example_tables(SMOKE))
    assert "Machine\n:   AMD EPYC, AVX2, Linux x86_64\n" in text


def test_the_ledger_shows_every_measured_claim_as_written_and_counts_no_other() -> None:
    """Signs that Markdown would act on stay signs; a claim without runs is named and has neither card nor record."""
    text = rendered(example_tables(Size(seeds=2, linear=("textbook",), mlp=("samples_500",))))
    plain = text.replace("\u00a0", " ")
    assert "Of 4 claims that this study could measure, 2 hold as stated, 1 holds in part and 1 does not hold." in plain
    assert "and not counted: c30." in text
    assert "claim-c30" not in text
    assert "full-c30" not in text
    for claim in example_analyses.claims().iloc[:4].itertuples():
        card = plain.partition(f'#claim-{claim.id} verdict="{claim.verdict}"')[2].partition(":::")[0]
        assert f"[{claim.verdict}]{{.verdict}} Answer {claim.id[1:]}, as [c20](#claim-c20) and c99." in card
        assert "[Section 4.5: somewhere.]{.place .web}" in card
        assert f"(#full-{claim.id})" in card
    assert "**‖w‖ falls | E\\[x′\\] = x\\_1 \\* λ\\*, \\$5 \\#1 \\<b\\>bold\\</b\\> \\`code\\`**" in plain
    assert re.findall(r"(?m)^## (.*\?)$", text.partition("{#claims .question}")[2].partition("{#trust")[0]) == [
        "When does a model overfit?",
        "How does dropout work?",
        "What holds by algebra?",
    ]
    assert "Holds in 2 of 3 variations: a close call." in plain
    assert "inconclusive with odd seeds" in plain
    assert "Holds in 3 of 3 variations." in plain
    assert "no more often than the 5 % that Holm allows" in plain
    fooled = example_analyses.controls().assign(reason="It is fooled.", passed=False)
    study = example_tables(SMOKE).replace(claims=example_analyses.claims().iloc[:1], controls=fooled)
    text = rendered(study).replace("\u00a0", " ")
    assert text.count("It is fooled.") == 3
    assert "Not everywhere: 3 controls of 3 failed." in text
    assert "Of 1 claim, 1 holds as stated." in text


@pytest.mark.parametrize(("claim", "verdict", "words"), CASES["exercises"])
def test_an_exercise_is_answered_where_its_claim_was_measured_and_nowhere_else(
    claim: str, verdict: str, words: str
) -> None:
    one = example_analyses.claims().iloc[:1].assign(id=claim, verdict=verdict, variations=0)
    section = rendered(example_tables(SMOKE).replace(claims=one)).partition("{#exercises .question}")[2]
    section = section.partition("{#trust")[0]
    assert words in section
    assert re.findall(r"(?m)^### (.*) \{.question .unnumbered\}", section) == [
        "Choose λ on validation data. Is it the best one, and does it matter?"
    ]
    assert "Answer 01, as c20 and c99." in section
    assert "#exercises" not in rendered(example_tables(replace(SMOKE, analyses=False)))


def test_every_chinese_character_of_the_report_has_a_glyph_on_the_page_and_in_the_pdf() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in (SOURCES / "sections").glob("*.j2"))
    chinese = {ord(sign) for sign in texts if "\u2e80" <= sign <= "\uffef"}
    assert len(chinese) > 30
    assert chinese <= set(TTFont(SOURCES / "fonts" / "NotoSerifSC-Regular.ttf").getBestCmap())


def test_the_settings_that_are_not_the_users_are_those_of_the_configuration_that_is_shipped() -> None:
    catalogue = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["settings"]
    assert {name for experiment in catalogue.values() for name in experiment} >= own.SHIPPED
    study = example_tables(SMOKE)
    assert own.context(own.cells(study))["n_cells"] == 0
    said = own.context(own.cells(with_own(study)))
    assert "mine" in said["settings"]
    assert said["methods"] == ["my penalty"]
    assert any("my penalty, λ = 3" in method for method in said["table"]["method"])


def test_the_text_names_what_has_no_account_and_why_and_has_an_exact_one_where_it_was_made() -> None:
    """Not affine, not asked for although affine; what has one, is solved, or has one at another λ is not named."""
    rng, cells = np.random.default_rng(0), [("l2_penalty", 3.0, "0"), ("l2_penalty", 10.0, "0")]
    cells += [("norm_constraint", 3.0, "0"), ("input_noise", 3.0, "0"), ("weight_decay", 3.0, "0"), ("ridge", 3.0, "0")]
    runs = pd.concat([synthetic.cell("linear_regression", "mine", *cell, rng, n=2, risk=1.0) for cell in cells])
    settings = pd.DataFrame(
        [{"experiment": "linear_regression", "setting": "mine", "epochs": 7, "n_train": 20, "batch_size": 6}]
    )
    account = runs[(runs["method"] == "l2_penalty") & (runs["lam"] == 3)][["run_id"]]
    found = weight_decay.unaccounted(synthetic.tables(runs, settings=settings, account=account))
    assert found["not_affine"] == ["norm constraint"]
    asked = [tuple(one.values()) for one in found["not_asked"]]
    assert asked == [("mine", ["input noise"], 28), ("mine", ["weight decay"], None)]
    tables = example_tables(replace(SMOKE, seeds=3))
    made = weight_decay.error(tables)
    assert made is not None
    before = dict(made["before"])
    assert made["share"] == before["initialisation"] / before["risk"]
    risk = before.pop("risk")
    assert sum(before.values()) == pytest.approx(risk)  # the parts are all of it
    assert 0 < made["share"] < 1
    none = tables.replace(account=tables.account.iloc[:0])
    assert weight_decay.error(none) is None
    assert "#error" not in rendered(none)


def test_headings_stand_alone_whatever_is_said_above_them() -> None:
    """Also below the sentence on what has no account, which is there only where some runs lack one."""
    tables = example_tables(replace(SMOKE, seeds=3))
    accounted = tables.runs.loc[tables.runs["method"] == "l2_penalty", "run_id"]
    some = tables.replace(account=tables.account[~tables.account["run_id"].isin(accounted)])
    assert "No account was made of L2 penalty" in rendered(some)
    alone = [example_tables(Size(experiments=(name,), seeds=2)) for name in tables.experiments]
    for text in map(rendered, (tables, some, *alone)):
        assert re.findall(r"(?m)^[^#\n].*##.*$|[^\n]\n##.*$|[^\n]\n# .*$", text) == []
        assert re.findall(r"(?m)^(# .*)\n+# .*$", text) == ["# Supplement {#supplement .part .unnumbered}"]
        assert re.findall(r"\{#[\w-]+ \.question\}\n+(?!\n|::: \{\.answer\}\n+[^:\s])", text) == []
    assert re.search(r"\n\n# Does dropout help\? \{#dropout \.question\}\n", rendered(some))


def test_the_pdf_has_no_fault_and_holds_the_text_of_the_page() -> None:
    data = report().pdf.read_bytes()
    assert pdf_problems(data) == []
    reader = PdfReader(io.BytesIO(data))
    assert 12 <= len(reader.pages) <= 32
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for part in CASES["in_the_pdf"]:
        assert part in text
    assert "Data (CSV)" not in text  # a file that only the page carries


@pytest.mark.parametrize(("names", "fault"), CASES["broken_pdfs"])
def test_the_checks_find_what_is_broken_in_a_pdf(names: list[str], fault: str) -> None:
    """Every entry of some names is taken away."""
    writer = PdfWriter(clone_from=io.BytesIO(report(SMOKE).pdf.read_bytes()))
    for item in [writer.root_object, *writer._objects]:
        for name in names:
            if hasattr(item, "get") and name in item:
                del item[NameObject(name)]
    buffer = io.BytesIO()
    writer.write(buffer)
    assert any(fault in problem for problem in pdf_problems(buffer.getvalue()))
