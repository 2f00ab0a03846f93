"""The cost of the study: sums and rates that are those of the provenance table."""

import pytest

from figures.drawn import shown, styled
from figures.example_tables import Size
from regularization.analysis.tables import Tables
from regularization.reporting.figures import draw, study_cost

tables = styled(Size(seeds=2))


def test_stages_of_a_job_add_up_to_its_core_seconds_and_two_threads_cost_twice_as_many(tables: Tables) -> None:
    data = study_cost.cohorts(tables)
    assert sorted(data["cohort"]) == sorted(tables.provenance["cohort"])
    assert data[list(study_cost.STAGES)].sum(axis=1).to_numpy() == pytest.approx(data["core_seconds"].to_numpy())
    jobs = tables.provenance.set_index("cohort")
    for row in data.itertuples():
        assert row.per_run == pytest.approx(jobs.loc[row.cohort, "wall_seconds"] / jobs.loc[row.cohort, "n_runs"])
    before, after = (
        study_cost.cohorts(tables.replace(provenance=tables.provenance.assign(threads=threads))) for threads in (1, 2)
    )
    for column in ("core_seconds", "per_run", "training"):
        assert after[column].to_numpy() == pytest.approx(2 * before[column].to_numpy())


def test_a_bar_is_as_long_as_the_experiments_core_seconds_and_every_cohort_has_a_mark(tables: Tables) -> None:
    one = shown("study-cost", tables)
    bars = one.figure.axes[0].patches
    ends = sorted({round(bar.get_y(), 6): bar.get_x() + bar.get_width() for bar in bars}.values())
    sums = study_cost.cohorts(tables).groupby("experiment")["core_seconds"].sum()
    assert ends == pytest.approx(sorted(sums))
    assert ends == pytest.approx(sorted(one.data.loc[one.data["of"] == "experiment", "core_seconds"]))
    one = shown("study-cost", tables)
    drawn = sorted(
        float(x)
        for axis in one.figure.axes[1:]
        for line in axis.lines
        for x in line.get_xdata()
        if line.get_marker() != "|"
    )
    assert drawn == pytest.approx(sorted(one.data.loc[one.data["of"] == "cohort", "per_run"]))


def test_the_caption_follows_the_times_and_without_provenance_there_is_no_figure(tables: Tables) -> None:
    one = shown("study-cost", tables)
    idle = tables.provenance.assign(training_seconds=0.0)
    other = shown("study-cost", tables.replace(provenance=idle))
    assert "Training takes 0\u202f% (" in other.caption
    assert "Training takes 0\u202f% (" not in one.caption
    assert draw("study-cost", tables.replace(provenance=tables.provenance.iloc[:0])) is None
