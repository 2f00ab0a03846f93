"""The comparison of two results folders, and what it says in words."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from regularization.analysis.comparing import provenance, tables
from regularization.analysis.comparing.provenance import Provenances
from regularization.analysis.comparing.tables import Comparison, NotComparableError, Tolerance
from regularization.system import wording
from regularization.system.files import sha256

IDENTICAL, DIFFERENT, NOT_COMPARABLE = 0, 1, 2
TEMPLATE, JINJA = "comparison.txt.j2", wording.environment(())
FILES = ("config.json", "plan.parquet", "claims.json", "controls.json", "report.html", "report.pdf", "figures/*")


@dataclass(frozen=True)
class Verdict:
    """Everything that was compared."""

    compared: list[Comparison]
    only: tuple[list[str], list[str]]  # tables that only one has
    provenances: Provenances
    files: tuple[list[str], list[str]]  # other files of both: the same bytes, other bytes
    tolerance: Tolerance

    @property
    def same(self) -> bool:
        return self.only == ([], []) and all(each.same_numbers for each in self.compared)

    @property
    def differing(self) -> list[Comparison]:
        return [each for each in self.compared if not each.same_numbers]

    @property
    def largest(self) -> float:
        """The largest relative difference of a result."""
        return max((d.largest_relative for each in self.differing for d in each.results), default=0.0)

    @property
    def within(self) -> bool:
        """Whether it is the same, or within the tolerance."""
        return self.same or (self.only == ([], []) and all(each.within_tolerance for each in self.compared))

    @property
    def status(self) -> int:
        return IDENTICAL if self.within else DIFFERENT

    @property
    def line(self) -> str:
        """The verdict in a line."""
        return wording.paragraph(JINJA, TEMPLATE, "line", {"verdict": self, "shown": 0})


def compare(
    one: Path, other: Path, tolerance: Tolerance, *, only: Collection[str] = (), rows: int = tables.ROWS
) -> Verdict:
    """Compare two results folders: the tables in `only`, or all; `NotComparableError` if nothing can be compared."""
    found = []
    for folder in (one, other):
        names = {path.stem for path in (folder / "tables").glob("[!.]*.parquet")} - {"provenance"}
        if not names:
            raise NotComparableError(f"{folder} has no tables/*.parquet: name the results folder of a finished study")
        if unknown := set(only) - names:
            lacking, there = (", ".join(sorted(some)) for some in (unknown, names))
            raise NotComparableError(f"{folder} has no table {lacking}, but {there}")
        found.append(names & set(only) if only else names)
    both = sorted(found[0] & found[1])
    files = {name: Path("tables") / f"{name}.parquet" for name in both}
    compared = [tables.compare(name, one / file, other / file, tolerance, rows=rows) for name, file in files.items()]
    runs = next((each for each in compared if each.name == "runs"), None)
    if not compared or (runs is not None and not runs.matched):
        raise NotComparableError(f"{one} and {other} have no run in common")
    lonely = sorted(found[0] - found[1]), sorted(found[1] - found[0])
    return Verdict(compared, lonely, provenance.compare(one, other), _files(one, other), tolerance)


def _files(one: Path, other: Path) -> tuple[list[str], list[str]]:
    """Files beside the tables that both have: with the same bytes, with other bytes."""
    names = sorted({str(path.relative_to(one)) for pattern in FILES for path in one.glob(pattern)})
    names = [name for name in names if (other / name).is_file()]
    same = [name for name in names if sha256(one / name) == sha256(other / name)]
    return same, [name for name in names if name not in same]


def words(verdict: Verdict, *, shown: int = 8) -> str:
    """The comparison as text; of every list the first `shown` are shown."""
    return JINJA.get_template(TEMPLATE).render(verdict=verdict, shown=shown).rstrip()
