"""What a reader meets before the supplement: answers, words that were explained, and no more than one sitting's."""

import html
import re

import pytest

from figures.example_tables import SMOKE
from figures.reports import WHOLE, report

EXPLAINED = ("bias", "co-adaptation", "cross-entropy", "intercept", "nats", "overfitting", "temperature", "variance")
NEVER = ("The effect,", "But not:", "Fails as well", "Holds nevertheless", "lies below 0", " share, lies", "None,")
UNSEEN = re.compile(r"<(svg|script|style|details|nav|figure|math)\b.*?</\1>", re.DOTALL)


def article(page: str) -> str:
    """The page's words before the supplement, without figures and folded text; ⟦term⟧ where one is linked."""
    main = page[page.index("<main") : page.index('id="supplement"')]
    linked = re.sub(r'<a\b[^>]*href="#term-([^"]+)"[^>]*>', r" ⟦\1⟧", UNSEEN.sub(" ", main))
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", linked)).split())


@pytest.mark.parametrize("size", [WHOLE, SMOKE], ids=["whole", "smoke"])
def test_a_term_is_explained_where_it_first_stands(size):
    text = article(report(size).page)
    first = {term: re.search(rf"\b{term.removesuffix('ation')}", text) for term in EXPLAINED}
    unexplained = [term for term, met in first.items() if met and text[met.start() - 1] != "⟦"]
    assert unexplained == []


def test_the_article_is_short_and_says_nothing_in_the_old_words():
    page = report().page
    before_claims = article(page.replace('id="claims"', 'id="supplement"', 1))
    assert 1_500 < len(before_claims.split()) < 5_000
    figures = re.findall(r'<figure(?![^>]*picture)[^>]*id="fig-', page[: page.index('id="supplement"')])
    assert 8 <= len(figures) <= 12
    words = html.unescape(
        re.sub(r"<[^>]+>", " ", re.sub(r"<(svg|script|style|math)\b.*?</\1>", " ", page, flags=re.DOTALL))
    )
    assert [phrase for phrase in NEVER if phrase in words] == []
