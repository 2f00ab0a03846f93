"""The explorer of the network: sliders walk through stored curves and final numbers, as the tables have them."""

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page
from scipy import stats

import shared
from browser.pages import Opener, broken, until
from figures.example_tables import Size
from figures.reports import report
from regularization.reporting.drawing import marks

CASES = shared.cases(__file__)

LITTLE = Size(seeds=1, lam=(0.0,), linear=("samples_20",), mlp=("textbook_concise",), methods=("none",))
NETWORK = "#explore-dropout"


def runs_of(**cell: object) -> pd.DataFrame:
    """The runs of the made-up study that a cell names, those that did not diverge."""
    runs = pd.read_parquet(report().tables / "runs.parquet")
    for name, value in cell.items():
        runs = runs[runs[name] == value]
    return runs[runs["status"] == "ok"].assign(gap=lambda frame: frame["test_loss"] - frame["train_loss"])


def curves_of(runs: pd.DataFrame, column: str) -> pd.Series:
    """Mean over the seeds by epoch."""
    curves = pd.read_parquet(report().tables / "curves.parquet")
    return curves[curves["run_id"].isin(runs["run_id"])].groupby("epoch")[column].mean()


def choose(page: Page, label: str, option: str) -> None:
    page.locator(NETWORK).get_by_label(label).select_option(label=option)


def move_to(page: Page, **places: str) -> None:
    """Move the sliders by keyboard, in this order, until their outputs say so."""
    for key, text in places.items():
        slider = page.locator(f"{NETWORK}-{key}")
        output = page.locator(f"{NETWORK} output[for$='-{key}']")
        slider.press("Home")
        for _ in range(30):
            if output.inner_text() == text:
                break
            slider.press("ArrowRight")
        else:
            raise AssertionError(f"the slider has no {text}")


def numbers(page: Page) -> dict[str, str]:
    terms, values = (page.locator(f"{NETWORK} .numbers {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(terms, values, strict=True))


def number_problems(page: Page, runs: pd.DataFrame) -> list[str]:
    """Where the numbers shown are not the mean and the 95 % t interval over these runs."""
    shown, problems = numbers(page), []
    for term, column in COLUMNS.items():
        values = runs[column].to_numpy()
        low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        told = [float(text.replace("−", "-")) for text in re.findall(r"[−-]?\d+\.?\d*", shown[term].replace(",", ""))]
        same = [values.mean()] if np.ptp(values) < 1e-9 * abs(values.mean()) else [values.mean(), low, high]
        if len(told) != len(same) or not np.allclose(told, same, rtol=0.06, atol=0.06 * (high - low)):
            problems.append(f"{term}: {shown[term]} is not {values.mean():.5g} [{low:.5g}, {high:.5g}]")
    if not shown["runs"].startswith(f"{len(runs)} seed"):
        problems.append(f"{shown['runs']} are not {len(runs)} seeds")
    return problems


COLUMNS = {
    "training loss": "train_loss", "test loss": "test_loss", "gap: test − training": "gap",
    "test accuracy": "test_accuracy", "‖w‖": "weight_norm",
}  # fmt: skip


def cell(method: str = "none", lam: float = 0.0, p: float = 0.0, setting: str = "samples_500") -> pd.DataFrame:
    return runs_of(experiment="fashion_mnist", setting=setting, method=method, lam=lam, p=f"{p:g}/{p:g}")


def test_the_numbers_shown_at_every_p_and_lambda_are_those_of_the_tables(page: Page) -> None:
    choose(page, "Setting", "n = 500")
    for lam, p, method in (
        (0.0, 0.0, "none"), (0.0, 0.9, "dropout"), (0.003, 0.0, "weight_decay"), (0.003, 0.5, "dropout_weight_decay"),
    ):  # fmt: skip
        move_to(page, p="p = 0", lam=f"λ = {lam:g}")
        move_to(page, p=f"p = {p:g}")
        assert number_problems(page, cell(method, lam, p)) == []
    assert number_problems(page, cell("dropout", 0, 0.5)) != []  # the numbers of another λ are noticed


def test_every_number_follows_the_sliders(opened: Opener) -> None:
    """A page whose slider changes the words but not the numbers is noticed."""
    page = opened(broken("shown = one.chosen();", "shown = shown || one.chosen();"))
    before = numbers(page)
    page.locator(f"{NETWORK}-p").press("End")
    assert numbers(page) == before
    whole = opened()
    before = numbers(whole)
    whole.locator(f"{NETWORK}-p").press("End")
    assert numbers(whole) != before


def line(page: Page, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the mean's line goes, in pixels: x and y, shape (epochs,)."""
    path = page.locator(f"{NETWORK} .line.{part}").get_attribute("d")
    points = np.array(re.findall(r"-?[\d.]+", path), dtype=float).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def scale(page: Page, side: str) -> tuple[float, float]:
    """Slope and start of an axis in pixels, from where its tick labels stand; of logarithms for the upright axis."""
    ticks = page.locator(f"{NETWORK} .curves text.tick.{'middle' if side == 'x' else 'end'}")
    labels = [marks._value(text) for text in ticks.all_text_contents()]
    places = ticks.evaluate_all(f"all => all.map((text) => Number(text.getAttribute('{side}')))")
    values = np.log10(labels) if side == "y" else np.array(labels)
    return np.polyfit(values, np.array(places) - (4 if side == "y" else 0), 1)


def curve_problems(page: Page, runs: pd.DataFrame) -> list[str]:
    """Where the lines drawn are not the means over these runs, read off the axes."""
    problems = []
    for part in ("train", "test"):
        mean = curves_of(runs, f"{part}_loss")
        x, y = line(page, part)
        if len(x) != len(mean):
            return [f"{part}: {len(x)} epochs drawn, {len(mean)} stored"]
        for side, drawn, true in (("x", x, mean.index.to_numpy(float)), ("y", y, np.log10(mean.to_numpy()))):
            if np.abs(np.polyval(scale(page, side), true) - drawn).max() > 0.5:
                problems.append(f"{part}: the line is not the mean along {side}")
        _, y = (float(page.locator(f"{NETWORK} .dot.{part}").get_attribute(f"c{side}")) for side in "xy")
        if abs(np.polyval(scale(page, "y"), np.log10(runs[f"{part}_loss"].mean())) - y) > 1:
            problems.append(f"{part}: the dot is not the mean on all images")
    return problems


def test_curves_are_the_means_of_the_stored_ones_and_another_method_or_setting_keeps_what_it_can(page: Page) -> None:
    choose(page, "Setting", "n = 500")
    move_to(page, p="p = 0.5")
    assert curve_problems(page, cell("dropout", 0, 0.5)) == []
    move_to(page, lam="λ = 0.003")
    assert curve_problems(page, cell("dropout_weight_decay", 0.003, 0.5)) == []
    assert curve_problems(page, cell("dropout", 0, 0.5)) != []
    choose(page, "Setting", "n = 2,000")
    outputs = page.locator(f"{NETWORK} output").all_inner_texts()
    assert outputs[0] == "p = 0.5"
    assert number_problems(page, cell("dropout", 0, 0.5, "samples_2000")) == []


@pytest.mark.parametrize(("old", "new"), CASES["curves_drawn_wrongly_are_noticed"])
def test_curves_drawn_wrongly_are_noticed(opened: Opener, old: str, new: str) -> None:
    page = opened(broken(old, new))
    choose(page, "Setting", "n = 500")
    move_to(page, p="p = 0.5")
    assert curve_problems(page, cell("dropout", 0, 0.5)) != []


def test_no_stop_is_empty_and_a_slider_with_one_stop_says_so(page: Page) -> None:
    choose(page, "Setting", "n = 500")
    seen = set()
    for p in page.evaluate(f"[...Array(+document.querySelector('{NETWORK}-p').max + 1).keys()]"):
        page.locator(f"{NETWORK}-lam").press("Home") if page.locator(f"{NETWORK}-lam").is_enabled() else None
        page.locator(f"{NETWORK}-p").press("Home")
        for _ in range(p):
            page.locator(f"{NETWORK}-p").press("ArrowRight")
        output = page.locator(f"{NETWORK} output").nth(1).inner_text()
        assert output.endswith("only") == page.locator(f"{NETWORK}-lam").is_disabled()
        seen.add(tuple(numbers(page).values()))
    assert len(seen) == p + 1


def test_a_cell_of_which_every_run_diverged_says_so(opened: Opener) -> None:
    """Take the curves of p = 0.9 away."""
    page = opened(re.sub(r'("p":"0.9","lam":"0",.*?),"epochs":\[[^]]*\]', r'\1,"epochs":[]', report().page))
    choose(page, "Setting", "n = 500")
    move_to(page, p="p = 0.9")
    assert "all diverged or collapsed" in page.locator(f"{NETWORK} .curves").inner_text()
    assert "no curve" in page.locator(f"{NETWORK}-p").get_attribute("aria-valuetext")


def test_the_slider_moves_by_mouse_and_by_keyboard_and_the_address_keeps_where_it_is(page: Page) -> None:
    choose(page, "Setting", "n = 500")
    slider = page.get_by_role("slider", name="dropout", exact=True)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert page.locator(f"{NETWORK} output").first.inner_text() == "p = 0.9"
    assert slider.get_attribute("aria-valuetext").startswith("p = 0.9, training loss ")
    slider.press("ArrowLeft")
    until(page, "location.search.includes('0.5,0')")
    before = numbers(page)
    page.reload()
    assert numbers(page) == before
    page.locator(f"{NETWORK} .curves").press("ArrowRight")
    assert "training loss" in page.locator("#said").inner_text()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_drawings_fit_their_window_and_keep_their_type_size(opened: Opener, width: int) -> None:
    page = opened(width=width)
    sizes = page.locator(f"{NETWORK} .curves svg").evaluate(
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
