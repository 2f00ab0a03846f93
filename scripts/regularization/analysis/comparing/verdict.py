"""The comparison of two results folders, and what it says in words."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from regularization.analysis.comparing import provenance, tables
from regularization.analysis.comparing.provenance import Provenances
from regularization.analysis.comparing.tables import Comparison, NotComparableError, Tolerance
from regularization.system.files import sha256

IDENTICAL, DIFFERENT, NOT_COMPARABLE = 0, 1, 2
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
    def status(self) -> int:
        """0: the same, or within the tolerance; 1: different."""
        within = self.only == ([], []) and all(each.within_tolerance for each in self.compared)
        return IDENTICAL if self.same or within else DIFFERENT

    @property
    def line(self) -> str:
        """The verdict in a line."""
        n = len(self.compared)
        if self.same:
            if all(each.same_bytes for each in self.compared):
                return f"IDENTICAL: all {n} tables have the same bytes."
            same = f"all {n} tables have the same numbers to the last bit"
            return f"IDENTICAL: {same}; some files are laid out differently."
        differing = [each for each in self.compared if not each.same_numbers]
        if self.status == IDENTICAL:
            largest = max(d.largest_relative for each in differing for d in each.results)
            return (
                f"WITHIN TOLERANCE: {len(differing)} of {n} tables differ, by at most {largest:.1e} relative; allowed"
                f" are {self.tolerance.relative:g} relative + {self.tolerance.absolute:g} absolute."
            )
        names = [each.name for each in differing] + [name for side in self.only for name in side]
        return f"DIFFERENT: {', '.join(names)}."


def compare(
    one: Path, other: Path, tolerance: Tolerance, *, only: Collection[str] = (), rows: int = tables.ROWS
) -> Verdict:
    """Compare two results folders: the tables in `only`, or all; `NotComparableError` if nothing can be compared."""
    found = []
    for folder in (one, other):
        names = {path.stem for path in (folder / "tables").glob("*.parquet")} - {"provenance"}
        if not names:
            raise NotComparableError(f"{folder} has no tables/*.parquet: name the results folder of a finished study")
        if unknown := set(only) - names:
            raise NotComparableError(
                f"{folder} has no table {', '.join(sorted(unknown))}, but {', '.join(sorted(names))}"
            )
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
    same_bytes = [each.name for each in verdict.compared if each.same_bytes]
    same_numbers = [each for each in verdict.compared if each.same_numbers and not each.same_bytes]
    differing = [each for each in verdict.compared if not each.same_numbers]
    lines = [f"Tables: {len(verdict.compared)} compared", f"  same bytes: {', '.join(same_bytes) or 'none'}"]
    for each in same_numbers:
        lines.append(f"  same numbers in other bytes: {each.name} ({'; '.join(_layout(each)) or 'other compression'})")
    for each in differing:
        lines.append(f"  different: {each.name} ({each.rows[0]:,} | {each.rows[1]:,} rows)")
        lines += [f"    {line}" for line in [*_rows(each), *_columns(each, shown), *_layout(each)]]
    for side, names in zip(("first", "second"), verdict.only):
        if names:
            lines.append(f"  only in the {side}: {', '.join(names)}")
    provenances = verdict.provenances
    lines.append(f"Provenance: {provenances.jobs[0]:,} | {provenances.jobs[1]:,} jobs")
    lines += [f"  {name}: {one} | {other}" for name, (one, other) in provenances.different.items()]
    lines += [f"  {note}" for note in provenances.notes]
    if provenances.configuration:
        lines.append("  configuration:")
        lines += _first([f"    {line}" for line in provenances.configuration], shown)
    lines.append(f"  the same: {', '.join(provenances.same) or 'nothing'}")
    same, other = verdict.files
    if same or other:
        lines.append(f"Other files: {len(same)} have the same bytes, {len(other)} have other bytes")
        lines += _first([f"  {name}" for name in other], shown)
    return "\n".join([*lines, "", verdict.line])


def _rows(each: Comparison) -> list[str]:
    lines = []
    for side, count, example in zip(("first", "second"), each.only, each.examples):
        if count:
            lines.append(f"{count:,} rows only in the {side}, such as {example}")
    for side, columns in zip(("first", "second"), each.columns):
        if columns:
            lines.append(f"columns only in the {side}: {', '.join(columns)}")
    return lines


def _columns(each: Comparison, shown: int) -> list[str]:
    lines = []
    for d in sorted(each.results, key=lambda difference: -difference.largest_relative):
        largest = f"at most {d.largest_relative:.1e} relative, {d.largest_absolute:.1e} absolute, "
        counted = f"{d.column}: {d.count:,} of {each.matched:,} differ, {largest if d.largest_absolute else ''}"
        lines.append(f"{counted}at {d.where}: {d.values[0]} | {d.values[1]}")
    return _first(lines, shown)


def _layout(each: Comparison) -> list[str]:
    lines = [] if each.same_order else ["rows in another order"]
    lines += [f"other type of {kind}" for kind in each.types]
    jobs = [difference for difference in each.differences if difference.column in tables.LAYOUT]
    return lines + [f"{difference.count:,} rows from jobs of another name" for difference in jobs]


def _first(lines: list[str], shown: int) -> list[str]:
    return lines if len(lines) <= shown else [*lines[:shown], f"  … and {len(lines) - shown} more"]
