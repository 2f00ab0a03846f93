"""Statistics: intervals cover and tests err as often as they promise, and exact things equal a reference."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regularization.analysis.statistics import (
    equivalence,
    holm,
    jackknife,
    mean_interval,
    paired_contrast,
    proportion_interval,
    sign_flip_p,
    two_way_interval,
)

SAMPLES = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=8).map(np.array)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def as_often_as(share: float, outcomes: list[bool]) -> bool:
    """Whether the outcomes agree with a probability; one correct procedure in a thousand would fail."""
    return stats.binomtest(sum(outcomes), len(outcomes), share).pvalue > 0.001


@pytest.mark.parametrize(
    ("n", "level", "name", "repetitions"),
    [(5, 0.95, "paired t", 1000), (12, 0.95, "paired t", 1000), (12, 0.8, "paired t", 1000), (50, 0.95, "BCa", 300)],
)
def test_intervals_of_normal_differences_cover_at_their_level(n, level, name, repetitions):
    generator, covered = rng(n), []
    for _ in range(repetitions):
        low, high, interval = mean_interval(generator.normal(0.3, 2, n), rng=generator, level=level)
        covered.append(low <= 0.3 <= high)
        assert name in interval
    assert as_often_as(level, covered)


def test_the_bca_interval_of_skewed_differences_covers_nearly_and_misses_more_evenly_than_t():
    """Exponential, skewness 2, 50 pairs: all intervals fall a little short, 0.90 to 0.96 is what BCa is good for."""
    generator, misses = rng(1), {"BCa": [], "t": []}
    for _ in range(300):
        sample = generator.exponential(size=50)
        t = stats.ttest_1samp(sample, 0).confidence_interval()
        for name, (low, high) in {"BCa": mean_interval(sample, rng=generator)[:2], "t": (t.low, t.high)}.items():
            misses[name].append(int(low > 1) - int(high < 1))
    assert 0.90 <= 1 - np.abs(misses["BCa"]).mean() <= 0.96
    assert abs(np.mean(misses["BCa"])) < abs(np.mean(misses["t"]))


@pytest.mark.slow
@pytest.mark.parametrize(("draw", "mean", "least", "most"), [("normal", 0, 0.92, 0.97), ("exponential", 1, 0.86, 0.94)])
def test_the_bca_interval_at_its_smallest_number_of_pairs_covers_within_honest_bounds(draw, mean, least, most):
    """20 pairs. BCa falls short of its level there: by little for normal differences, to 0.90 for exponential ones."""
    generator, covered = rng(20), []
    for _ in range(500):
        low, high, interval = mean_interval(getattr(generator, draw)(size=20), rng=generator)
        covered.append(low <= mean <= high)
        assert "BCa" in interval
    assert least <= np.mean(covered) <= most


def test_the_interval_is_t_below_20_pairs_and_bca_from_20():
    sample = rng(2).exponential(size=20)
    few, many = paired_contrast(sample[:19], rng=rng()), paired_contrast(sample, rng=rng())
    reference = stats.ttest_1samp(sample[:19], 0).confidence_interval(0.95)
    assert (few.ci_low, few.ci_high) == pytest.approx((reference.low, reference.high))
    assert "paired t interval" in few.test
    assert "BCa" in many.test
    t = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    assert many.ci_low > t.low, "right skew moves both ends up"
    assert many.ci_high > t.high


@settings(max_examples=60)
@given(
    SAMPLES | st.integers(0, 2**32).map(lambda seed: rng(seed).exponential(size=25)),
    st.floats(-1e3, 1e3),
    st.floats(0.01, 100),
)
def test_the_interval_moves_and_scales_with_the_differences(sample, shift, scale):
    """The t interval of few differences and the BCa interval of 25."""
    low, high, _ = mean_interval(sample, rng=rng(1))
    moved = mean_interval(scale * sample + shift, rng=rng(1))[:2]
    rounding = 1e-7 * (scale * np.abs(sample).max() + abs(shift))
    assert moved == pytest.approx((scale * low + shift, scale * high + shift), abs=rounding)


@given(SAMPLES)
def test_exchanging_a_and_b_turns_the_contrast_round(sample):
    forth, back = paired_contrast(sample, rng=rng()), paired_contrast(-sample, rng=rng())
    assert (back.effect, back.ci_low, back.ci_high) == pytest.approx((-forth.effect, -forth.ci_high, -forth.ci_low))
    assert back.d_z == pytest.approx(-forth.d_z, nan_ok=True)
    assert back.p_superiority == pytest.approx(1 - forth.p_superiority)
    assert back.p_value == forth.p_value
    assert back.test == forth.test


def test_effect_sizes_by_hand_and_of_one_pair():
    contrast = paired_contrast([3.0, 1.0, 0.0, -1.0], rng=rng())
    assert (contrast.effect, contrast.n, contrast.p_superiority) == (0.75, 4, 2.5 / 4)
    assert contrast.d_z == pytest.approx(0.75 / math.sqrt((2.25**2 + 0.25**2 + 0.75**2 + 1.75**2) / 3))
    contrast = paired_contrast([0.4], rng=rng())
    assert (contrast.effect, contrast.n, contrast.p_value) == (0.4, 1, 1)
    assert np.isnan([contrast.ci_low, contrast.ci_high, contrast.d_z]).all()
    tost = equivalence([0.4], low=-1, high=1)
    assert math.isnan(tost.p_value)


@pytest.mark.parametrize("n", [2, 12, 30])
def test_equal_differences_have_a_point_for_an_interval(n):
    """0.87 − 0.86 is not exactly 0.88 − 0.87: equal up to rounding is equal."""
    accuracies = 0.8 + 0.01 * np.arange(n)
    contrast = paired_contrast(accuracies + 0.01 - accuracies, rng=rng())
    assert (contrast.ci_low, contrast.ci_high) == (contrast.effect, contrast.effect) == pytest.approx((0.01, 0.01))
    assert (contrast.d_z, contrast.p_superiority) == (math.inf, 1)
    assert paired_contrast(-np.ones(n), rng=rng()).d_z == -math.inf
    nothing = paired_contrast(np.zeros(n), rng=rng())
    assert (nothing.effect, nothing.ci_low, nothing.ci_high) == (0, 0, 0)
    assert (nothing.p_superiority, nothing.p_value) == (0.5, 1)
    assert math.isnan(nothing.d_z)


@pytest.mark.parametrize("n", [8, 17, 40])
def test_the_same_generator_gives_the_same_contrast_and_another_nearly_the_same(n):
    sample = rng(3).normal(0.4, 1, n)
    first, second, other = (paired_contrast(sample, rng=rng(seed)) for seed in (5, 5, 6))
    assert first == second
    assert (other.ci_low, other.ci_high) == pytest.approx((first.ci_low, first.ci_high), abs=0.02)
    assert other.p_value == pytest.approx(first.p_value, abs=0.005)
    assert (other == first) == (n == 8), "16 pairs and fewer need no random numbers"


@pytest.mark.parametrize(
    "statistic",
    [
        lambda values: paired_contrast(values, rng=rng()),
        lambda values: sign_flip_p(values, rng=rng()),
        lambda values: equivalence(values, low=-1, high=1),
        lambda values: two_way_interval([values, values]),
        jackknife,
    ],
)
def test_values_that_are_not_numbers_are_refused_and_counted(statistic):
    with pytest.raises(ValueError, match=r"\d of \d values are not finite"):
        statistic([0.1, math.nan, math.inf, 0.2])
    with pytest.raises(ValueError, match="at least one"):
        statistic([])


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=7), st.floats(0.1, 1e4))
def test_exact_sign_flips_equal_a_plain_enumeration_in_whole_numbers(units, base):
    """Accuracies are whole numbers of images: their differences tie, though rounding hides it."""
    totals = np.abs(np.array(list(itertools.product((1, -1), repeat=len(units)))) @ units)
    p = np.mean(totals >= abs(sum(units)))
    differences = (base + np.array(units) / 7) - base
    assert sign_flip_p(differences, rng=rng()) == pytest.approx(p, abs=1e-12)


def test_exact_sign_flips_are_scipys_and_monte_carlo_ones_agree_and_are_never_0():
    sample = rng(21).normal(0.3, 1, 9)
    found = stats.permutation_test((sample,), np.mean, permutation_type="samples", n_resamples=2**9)
    assert sign_flip_p(sample, rng=rng()) == pytest.approx(found.pvalue)
    sample = rng(4).normal(0.5, 1, 14)
    exact = sign_flip_p(sample, rng=rng())
    estimates = [sign_flip_p(sample, rng=rng(seed), n_resamples=2**14 - 1) for seed in range(5)]
    assert len(set(estimates)) > 1, "drawn, not enumerated"
    assert estimates == pytest.approx([exact] * 5, abs=4 * math.sqrt(exact / 2**14))
    assert sign_flip_p(np.ones(60), rng=rng(), n_resamples=99) == 1 / 100


def test_sign_flips_reject_a_true_null_as_often_as_they_promise():
    """Heavy tails do not matter. Of 2⁸ patterns 12 are the largest share within 5 %."""
    generator = rng(5)
    exact = [sign_flip_p(generator.standard_t(2, 8), rng=generator) <= 0.05 for _ in range(1000)]
    assert as_often_as(12 / 256, exact)
    sampled = [sign_flip_p(generator.laplace(size=30), rng=generator, n_resamples=199) <= 0.05 for _ in range(1000)]
    assert as_often_as(0.05, sampled)


def test_holm_by_hand_twelve_pairs_survive_it_over_34_claims_and_ten_cannot():
    np.testing.assert_allclose(holm([0.04, 0.01, math.nan, 0.03]), [0.06, 0.03, math.nan, 0.06])
    np.testing.assert_array_equal(holm([math.nan, math.nan]), [math.nan, math.nan])
    assert len(holm([])) == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, 1.2])

    def adjusted(n: int) -> float:
        p = paired_contrast(0.01 + rng(6).random(n), rng=rng()).p_value
        assert p == 2 / 2**n
        return holm([p, *[1.0] * 33])[0]

    assert adjusted(12) == pytest.approx(34 * 2 / 4096)
    assert adjusted(12) < 0.05 < adjusted(10)


@settings(max_examples=40)  # statsmodels collects garbage at every call, 50 ms
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.2))
def test_holm_rejects_what_the_step_down_procedure_rejects(p, alpha):
    """From the smallest p on, each against α over the number still left, until one fails."""
    rejected = np.zeros(len(p), dtype=bool)
    for step, claim in enumerate(np.argsort(p)):
        if p[claim] > alpha / (len(p) - step):
            break
        rejected[claim] = True
    adjusted = holm(p)
    clear = np.abs(adjusted - alpha) > 1e-12
    np.testing.assert_array_equal((adjusted <= alpha)[clear], rejected[clear])


@given(
    SAMPLES.filter(lambda d: np.ptp(d) > 0.01), st.floats(-500, 500), st.floats(0.1, 500), st.sampled_from([0.9, 0.95])
)
def test_tost_is_the_larger_of_two_t_tests_and_equivalence_an_interval_inside_the_margins(d, centre, width, level):
    low, high = centre - width, centre + width
    result = equivalence(d, low=low, high=high, level=level)
    one_sided = [stats.ttest_1samp(d, low, alternative="greater"), stats.ttest_1samp(d, high, alternative="less")]
    assert result.p_value == pytest.approx(max(test.pvalue for test in one_sided), abs=1e-9)
    reference = stats.ttest_1samp(d, 0).confidence_interval(2 * level - 1)
    assert (result.ci_low, result.ci_high) == pytest.approx((reference.low, reference.high))
    assert (result.p_value < 1 - level) == (low < result.ci_low and result.ci_high < high)


@pytest.mark.parametrize("margin", [-0.3, 0.3])
def test_tost_calls_a_difference_at_the_margin_equivalent_in_one_study_of_20(margin):
    generator = rng(7)
    called = [equivalence(generator.normal(margin, 0.1, 12), low=-0.3, high=0.3).p_value < 0.05 for _ in range(2000)]
    assert as_often_as(0.05, called)


def test_differences_without_spread_and_margins_without_end():
    sample = rng(8).normal(0, 1, 12)
    inside, at = (equivalence(np.full(5, value), low=-0.3, high=0.3) for value in (0.1, 0.3))
    assert (inside.p_value, inside.ci_low, inside.ci_high) == (0, 0.1, 0.1)
    assert at.p_value == 1
    one_sided = stats.ttest_1samp(sample, 0.5, alternative="less").pvalue
    assert equivalence(sample, low=-math.inf, high=0.5).p_value == pytest.approx(one_sided), "an infinite margin"


def test_proportion_intervals_cover_95_percent_on_average_and_stay_in_0_to_1():
    """Exact: binomial probabilities of the outcomes whose interval holds the proportion, averaged over proportions."""
    proportions = np.linspace(0.001, 0.999, 999)
    for n in (5, 12, 200):
        intervals = [proportion_interval(successes, n) for successes in range(n + 1)]
        covered = sum(
            stats.binom.pmf(successes, n, proportions) * ((low <= proportions) & (proportions <= high))
            for successes, (low, high) in enumerate(intervals)
        )
        assert covered.mean() == pytest.approx(0.95, abs=0.01)
        assert np.all((np.array(intervals) >= 0) & (np.array(intervals) <= 1))
    # All of n: the interval starts at n/(n + z²).
    assert proportion_interval(0, 200)[0] == 0
    assert proportion_interval(12, 12) == pytest.approx((12 / (12 + stats.norm.ppf(0.975) ** 2), 1))


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_shares_that_are_none_are_refused(successes, n):
    with pytest.raises(ValueError, match="not a proportion"):
        proportion_interval(successes, n)


def crossed(generator, shape, seeds, items, both):
    """Mean 0.2, and standard deviations of the seeds, the items and what is neither."""
    n_seeds, n_items = shape
    effects = seeds * generator.normal(size=(n_seeds, 1)) + items * generator.exponential(size=(1, n_items)) - items
    return 0.2 + effects + both * generator.normal(size=shape)


@pytest.mark.parametrize(
    ("seeds", "items", "both"), [(1, 0.5, 0.5), (0.1, 2, 0.5), (0.3, 1, 1)], ids=["seeds", "items", "balanced"]
)
def test_the_two_way_interval_covers_whichever_way_varies(seeds, items, both):
    """12 seeds × 60 items, both drawn anew each time; the items' effects are skewed."""
    generator, covered = rng(9), []
    for _ in range(300):
        values = crossed(generator, (12, 60), seeds, items, both)
        _, low, high = two_way_interval(values)
        covered.append(low <= 0.2 <= high)
    assert as_often_as(0.95, covered)


def test_the_two_way_interval_is_a_plain_loops_and_conservative_where_neither_way_varies():
    """Many seeds and items, so that the expansion for few hardly shows; quantiles to their Monte Carlo error."""
    values, generator = crossed(rng(11), (80, 90), 1, 1, 1), rng(12)
    mean, low, high = two_way_interval(values)
    loop = [values[np.ix_(*(generator.integers(n, size=n) for n in values.shape))].mean() for _ in range(5000)]
    assert mean == pytest.approx(values.mean())
    assert (low, high) == pytest.approx(np.quantile(loop, [0.025, 0.975]), abs=0.06 * np.std(loop) * 1.96)
    generator = rng(10)
    values = [crossed(generator, (12, 60), 0, 0, 1) for _ in range(200)]
    covered = [abs(two_way_interval(v)[i] - 0.2) for v in values for i in (1, 2)]
    assert np.mean(covered) > 1.96 / math.sqrt(12 * 60), "longer than the interval for 720 independent values"


def test_the_two_way_interval_moves_with_the_values():
    values = crossed(rng(14), (6, 500), 1, 1, 1)
    assert two_way_interval(3 * values + 5) == pytest.approx([3 * part + 5 for part in two_way_interval(values)])


def test_degenerate_arrays_impossible_levels_and_margins():
    assert two_way_interval(np.full((3, 4), 0.5)) == (0.5, 0.5, 0.5)
    for shape in ((1, 9), (9, 1)):
        mean, low, high = two_way_interval(np.arange(9.0).reshape(shape))
        assert mean == 4
        assert np.isnan([low, high]).all()
    for level in (0, 1, 95):
        with pytest.raises(ValueError, match="between 0 and 1"):
            paired_contrast([1.0, 2.0], rng=rng(), level=level)
    with pytest.raises(ValueError, match="below"):
        equivalence([1.0, 2.0], low=0.3, high=-0.3)


@given(SAMPLES)
def test_the_jackknife_of_a_mean_is_its_standard_error(sample):
    without = (sample.sum() - sample) / (len(sample) - 1)
    assert jackknife(without) == pytest.approx(sample.std(ddof=1) / math.sqrt(len(sample)), abs=1e-9)
    with pytest.raises(ValueError, match="at least 2"):
        jackknife([1.0])
