"""The explorers: sliders that walk through the stored curves, weights and final numbers, as the tables have them."""

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page
from scipy import stats

import shared
from browser.pages import Opener, broken
from figures.example_tables import Size
from figures.reports import report
from regularization.reporting.drawing import marks

CASES = shared.cases(__file__)

LITTLE = Size(seeds=1, lam=(0.0,), linear=("samples_20",), mlp=("textbook_concise",), methods=("none",))
LINEAR, NETWORK = "#explore-weight-decay", "#explore-dropout"


def runs_of(**cell: object) -> pd.DataFrame:
    """The runs of the made-up study that a cell names, those that did not diverge."""
    runs = pd.read_parquet(report().tables / "runs.parquet")
    for name, value in cell.items():
        runs = runs[runs[name] == value]
    return runs[runs["status"] == "ok"].assign(gap=lambda frame: frame["test_loss"] - frame["train_loss"])


def textbook(method: str, lam: float) -> pd.DataFrame:
    """The runs of a cell of the linear textbook setting."""
    return runs_of(experiment="linear_regression", setting="textbook", method=method, lam=lam)


def curves_of(runs: pd.DataFrame, column: str) -> pd.Series:
    """Median over the seeds by epoch."""
    curves = pd.read_parquet(report().tables / "curves.parquet")
    return curves[curves["run_id"].isin(runs["run_id"])].groupby("epoch")[column].median()


def choose(page: Page, explorer: str, label: str, option: str) -> None:
    page.locator(explorer).get_by_label(label).select_option(label=option)


def move_to(page: Page, explorer: str, text: str) -> None:
    """Move the slider by keyboard until its output says `text`."""
    slider = page.locator(f"{explorer} input[type=range]")
    slider.press("Home")
    for _ in range(30):
        if page.locator(f"{explorer} output").inner_text() == text:
            return
        slider.press("ArrowRight")
    raise AssertionError(f"the slider has no {text}")


def numbers(page: Page, explorer: str) -> dict[str, str]:
    terms, values = (page.locator(f"{explorer} .numbers {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(terms, values, strict=True))


def number_problems(page: Page, explorer: str, runs: pd.DataFrame, columns: dict[str, str]) -> list[str]:
    """Where the numbers shown are not the mean and the 95 % t interval over these runs."""
    shown, problems = numbers(page, explorer), []
    for term, column in columns.items():
        values = runs[column].to_numpy()
        low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        told = [float(text.replace("−", "-")) for text in re.findall(r"[−-]?\d+\.?\d*", shown[term].replace(",", ""))]
        same = [values.mean()] if np.ptp(values) < 1e-9 * abs(values.mean()) else [values.mean(), low, high]
        if len(told) != len(same) or not np.allclose(told, same, rtol=0.06, atol=0.06 * (high - low)):
            problems.append(f"{term}: {shown[term]} is not {values.mean():.5g} [{low:.5g}, {high:.5g}]")
    if not shown["runs"].startswith(f"{len(runs)} seed"):
        problems.append(f"{shown['runs']} are not {len(runs)} seeds")
    return problems


LINEAR_COLUMNS = {
    "training loss": "train_loss", "test loss": "test_loss", "gap: test − training": "gap", "exact risk": "risk",
    "‖w‖": "weight_norm",
}  # fmt: skip
NETWORK_COLUMNS = {
    "training loss": "train_loss", "test loss": "test_loss", "gap: test − training": "gap",
    "test accuracy": "test_accuracy", "‖w‖": "weight_norm",
}  # fmt: skip


def test_the_numbers_shown_at_every_strength_are_those_of_the_tables(page: Page) -> None:
    choose(page, LINEAR, "Setting", "started at zero, σ = 0.1")
    choose(page, LINEAR, "Method", "norm constraint")
    for lam, text in ((0.0, "0"), (0.3, "0.3"), (3.0, "3"), (10.0, "10"), (300.0, "300")):
        move_to(page, LINEAR, f"λ = {text}")
        method = "norm_constraint" if lam else "none"
        runs = runs_of(setting="zero_init_noise_0.1", method=method, lam=lam)
        assert number_problems(page, LINEAR, runs, LINEAR_COLUMNS) == []
    others = runs_of(setting="zero_init_noise_0.1", method="norm_constraint", lam=3.0)
    assert number_problems(page, LINEAR, others, LINEAR_COLUMNS) != []  # the numbers of another λ are noticed
    choose(page, NETWORK, "Setting", "n = 500")
    for choice, lam, p, method in (
        ("λ = 0", 0.0, 0.0, "none"),
        ("λ = 0", 0.0, 0.9, "dropout"),
        ("λ = 0.003", 0.003, 0.0, "weight_decay"),
        ("λ = 0.003", 0.003, 0.5, "dropout_weight_decay"),
    ):
        choose(page, NETWORK, "Weight decay", choice)
        move_to(page, NETWORK, f"p = {p:g}")
        runs = runs_of(setting="samples_500", method=method, lam=lam, p=f"{p:g}/{p:g}")
        assert number_problems(page, NETWORK, runs, NETWORK_COLUMNS) == []


def test_every_number_of_the_explorers_follows_the_slider(opened: Opener) -> None:
    """A page whose slider changes the words but not the numbers is noticed."""
    page = opened(broken("shown = scene.step;", "shown = shown || scene.step;"))
    move = page.locator(f"{LINEAR} input[type=range]")
    before = numbers(page, LINEAR)
    move.press("End")
    assert numbers(page, LINEAR) == before
    whole = opened()
    before = numbers(whole, LINEAR)
    whole.locator(f"{LINEAR} input[type=range]").press("End")
    assert numbers(whole, LINEAR) != before


def line(page: Page, explorer: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the median's line goes, in pixels: x and y, shape (epochs,)."""
    path = page.locator(f"{explorer} .line.{part}").get_attribute("d")
    points = np.array(re.findall(r"-?[\d.]+", path), dtype=float).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def scale(page: Page, explorer: str, side: str) -> tuple[float, float]:
    """Slope and start of an axis in pixels, from where its tick labels stand; of logarithms for the upright axis."""
    ticks = page.locator(f"{explorer} .curves text.tick.{'middle' if side == 'x' else 'end'}")
    labels = [marks._value(text) for text in ticks.all_text_contents()]
    places = ticks.evaluate_all(f"all => all.map((text) => Number(text.getAttribute('{side}')))")
    values = np.log10(labels) if side == "y" else np.array(labels)
    return np.polyfit(values, np.array(places) - (4 if side == "y" else 0), 1)


def curve_problems(page: Page, explorer: str, runs: pd.DataFrame) -> list[str]:
    """Where the lines drawn are not the medians over these runs, read off the axes."""
    problems = []
    for part in ("train", "test"):
        median = curves_of(runs, f"{part}_loss")
        x, y = line(page, explorer, part)
        if len(x) != len(median):
            return [f"{part}: {len(x)} epochs drawn, {len(median)} stored"]
        for side, drawn, true in (("x", x, median.index.to_numpy(float)), ("y", y, np.log10(median.to_numpy()))):
            if np.abs(np.polyval(scale(page, explorer, side), true) - drawn).max() > 0.5:
                problems.append(f"{part}: the line is not the median along {side}")
    return problems


def test_another_method_or_setting_keeps_the_value_and_curves_are_the_medians_of_the_stored_ones(page: Page) -> None:
    for text, lam, method in (("λ = 0", 0.0, "none"), ("λ = 3", 3.0, "l2_penalty"), ("λ = 100", 100.0, "l2_penalty")):
        move_to(page, LINEAR, text)
        assert curve_problems(page, LINEAR, textbook(method, lam)) == []
    assert curve_problems(page, LINEAR, textbook("l2_penalty", 0.3)) != []
    move_to(page, NETWORK, "p = 0.5")
    dropout = runs_of(setting="samples_500", method="dropout", p="0.5/0.5", lam=0.0)
    assert curve_problems(page, NETWORK, dropout) == []
    move_to(page, LINEAR, "λ = 3")
    choose(page, LINEAR, "Method", "norm constraint")
    choose(page, LINEAR, "Setting", "the chapter's text, σ = 0.1")
    assert page.locator(f"{LINEAR} output").inner_text() == "λ = 3"
    method = page.locator(LINEAR).get_by_label("Method")
    assert method.evaluate("s => s.selectedOptions[0].text") == "norm constraint"
    runs = runs_of(setting="textbook_noise_0.1", method="norm_constraint", lam=3.0)
    assert number_problems(page, LINEAR, runs, LINEAR_COLUMNS) == []


@pytest.mark.parametrize(("old", "new"), CASES["curves_drawn_wrongly_are_noticed"])
def test_curves_drawn_wrongly_are_noticed(opened: Opener, old: str, new: str) -> None:
    page = opened(broken(old, new))
    move_to(page, LINEAR, "λ = 3")
    assert curve_problems(page, LINEAR, textbook("l2_penalty", 3.0)) != []


def bars(page: Page) -> Locator:
    return page.locator(f"{LINEAR} .weights rect.bar")


def test_weights_are_drawn_as_kept_and_where_none_were_kept_it_says_so_and_where_there_are_some(page: Page) -> None:
    kept = pd.read_parquet(report().tables / "predictions_linear_regression.parquet")
    for text, lam in (("λ = 0", 0), ("λ = 3", 3)):
        move_to(page, LINEAR, text)
        own = kept[kept["run_id"].str.contains(f":lam={lam}:") & (kept["item"] < 200)]
        n, _ = np.histogram(np.log10(own["weight"].abs()).clip(-4, 1), np.arange(-4, 1.01, 0.25))
        drawn = np.array(bars(page).evaluate_all("all => all.map(bar => Number(bar.getAttribute('height')))"))
        assert np.allclose(drawn / drawn.sum(), n[n > 0] / n.sum(), atol=0.002)
    move_to(page, LINEAR, "λ = 0")
    drawn = np.array(bars(page).evaluate_all("all => all.map(bar => Number(bar.getAttribute('height')))"))
    assert len(drawn) != (n > 0).sum() or not np.allclose(drawn / drawn.sum(), n[n > 0] / n.sum(), atol=0.002)
    move_to(page, LINEAR, "λ = 10")
    words = page.locator(f"{LINEAR} .weights").inner_text()
    assert "not kept" in words
    assert "λ = 0, λ = 3" in words
    assert bars(page).count() == 0


def test_a_cell_of_which_every_run_diverged_says_so(opened: Opener) -> None:
    """The made-up study has some runs left at λ = 700; take their curves away."""
    at_700 = r'("at":"700","seeds":"[^"]*","numbers":\[[^]]*\]),"epochs":\[[^]]*\]'
    page = opened(re.sub(at_700, r'\1,"epochs":[]', report().page))
    move_to(page, LINEAR, "λ = 700")
    assert "all diverged or collapsed" in page.locator(f"{LINEAR} .curves").inner_text()
    assert "no curve" in page.locator(f"{LINEAR} input[type=range]").get_attribute("aria-valuetext")


def test_the_slider_moves_by_mouse_and_by_keyboard_and_says_its_value_in_words(page: Page) -> None:
    slider = page.locator(f"{LINEAR} input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert page.locator(f"{LINEAR} output").inner_text() == "λ = 700"
    slider.press("End")
    assert page.locator(f"{LINEAR} output").inner_text() == "λ = 700"
    words = slider.get_attribute("aria-valuetext")
    assert words.startswith("λ = 700, training loss ")
    assert page.get_by_role("slider", name="λ", exact=True).count() == 1
    assert words != (slider.press("ArrowLeft"), slider.get_attribute("aria-valuetext"))[1]


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_drawings_fit_their_window_and_keep_their_type_size(opened: Opener, width: int) -> None:
    page = opened(width=width)
    sizes = page.locator(f"{LINEAR} .curves svg").evaluate(
        "svg => [svg.getBoundingClientRect().width, svg.parentElement.clientWidth, svg.getScreenCTM().a]"
    )
    width_drawn, room, scale = sizes
    assert width_drawn <= room + 0.5
    assert scale == pytest.approx(1, abs=0.01)


def test_a_study_without_a_grid_has_no_explorer_and_needs_none(opened: Opener) -> None:
    said: list[str] = []
    page = opened("<p></p>")
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report(LITTLE).html.as_uri())
    assert page.locator(".explorer").count() == 0
    assert said == []
