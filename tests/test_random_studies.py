"""Whatever the check of a configuration accepts ends in a sound report: examples that once did not, and random ones."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from random_studies import Finished, finish, problems, random_study, rows_of, text_of
from regularization.study.configuration import ConfigurationError
from regularization.study.reading import load, validated
from studies import ROOT

pytestmark = pytest.mark.slow
INPUTS = Path(__file__).parent / "inputs"
NAMES = {"NA": "N.A", "nan": "n-n"}  # that are no names, and what they are called instead


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Finished]:
    """An example, finished when it is first asked for; `names` with the two names changed."""
    folder = tmp_path_factory.mktemp("examples")

    @cache
    def finished(name: str) -> Finished:
        text = (INPUTS / f"{name}.yaml").read_text(encoding="utf-8")
        changed = folder / f"{name}.yaml"
        changed.write_text(re.sub(r"\b(NA|nan)\b", lambda found: NAMES[found[0]], text), encoding="utf-8")
        return finish(load([ROOT / "config.yaml", changed]), folder / name)

    return finished


@pytest.mark.parametrize("name", [path.stem for path in sorted(INPUTS.glob("*.yaml"))])
def test_an_example_that_once_broke_the_report_ends_in_a_sound_one(
    name: str, finished: Callable[[str], Finished]
) -> None:
    assert problems(finished(name)) == []


@pytest.mark.parametrize("seed", range(12))
def test_a_random_study_ends_in_a_sound_report(seed: int, tmp_path: Path) -> None:
    assert problems(finish(random_study(seed), tmp_path / "results", whole=seed == 0)) == []


def test_names_that_programs_read_as_values_are_refused_and_all_others_survive_every_reader(finished) -> None:
    with pytest.raises(ConfigurationError) as error:
        validated(load([ROOT / "config.yaml", INPUTS / "names.yaml"]), check_machine=False)
    said = str(error.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in said] == [
        *("settings.linear_regression.NA", "settings.linear_regression.nan", "settings.fashion_mnist.NA"),
    ]
    done = finished("names")
    cells = pd.read_csv(done.folder / "tables" / "cells.csv")  # as anybody reads it
    assert set(cells["setting"]) == {"N.A", "n-n", "a--b", "x...y", "constructor", "e.g.x_", "Nul"}


def test_what_diverged_is_said_cell_by_cell_and_theory_of_too_large_a_step_is_none(finished) -> None:
    done = finished("diverge")
    lost = [row for row in rows_of(done.page, "tbl-own") if row[0] == "wild"]
    assert len(lost) == 4  # two p, two measures
    assert {(row[3], row[4], row[6]) for row in lost} == {("–", "–", "0 of 2")}
    assert "all runs lost" in text_of(done.page)
    theory = pd.read_csv(finished("fast").folder / "tables" / "theory.csv").set_index(["setting", "quantity"])["value"]
    assert theory["fast", "stability_boundary"].item() == -math.inf
    assert theory["fast", "sgd_risk"].min() > 1e6
    fast = [row for row in rows_of(finished("fast").page, "tbl-own") if row[0] == "fast"]
    assert {(row[4], row[6]) for row in fast} == {("–", "0 of 2")}


def test_all_of_many_settings_are_drawn(finished) -> None:
    titles = [axes.get_title(loc="left") for axes in finished("many").figures["own"].axes]
    assert [*dict.fromkeys(titles)] == ["n100", "n150", "n200", "n250", "n300", "n350"]


def test_the_checks_find_what_is_wrong(finished) -> None:
    done = finished("many")
    figure = Figure()
    figure.subplots().set_yticks([0, 0.5], ["n100", "n100"])
    [row] = re.findall(r"<tr\b[^>]*>(?:(?!</tr>).)*n350.*?</tr>", done.page.partition('id="tbl-own"')[2], re.DOTALL)[:1]
    for broken, says in {
        done.page.replace("n100", "n1OO"): "the setting n100 is nowhere",
        done.page.replace("</main>", "<p>nan</p></main>"): "the page says 'nan'",
        done.page.replace(row, ""): "of the setting n350 the page tells",
    }.items():
        assert says in "; ".join(problems(replace(done, page=broken)))
    assert problems(replace(done, figures={"own": figure})) == ["own: two ticks of y are 'n100'"]
