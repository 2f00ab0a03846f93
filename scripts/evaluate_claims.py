"""Weigh the chapter's claims against the study's tables, or explain one of them in the terminal.

Usage: python scripts/evaluate_claims.py                  every claim, its verdict and its answer
       python scripts/evaluate_claims.py --claim c10      one claim: answer, statement, data, numbers, rule, verdict
       python scripts/evaluate_claims.py --output FOLDER          write the ledger and its tables
"""

import regularization.system.job

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from regularization.analysis.catalogue import store
from regularization.analysis.tables import Tables
from regularization.claims import all_claims, chosen_claims, evaluate, identities_table, ledger, wording, write
from regularization.claims.claim import Claim, Judgement
from regularization.claims.variations import read_others, robustness_table
from regularization.system.command_line import ChosenBy, answered, folder, option
from regularization.system.suggestions import not_one_of

WRITTEN = "write claims.json here; and, under tables/, claims, verdict_robustness and identities as Parquet and CSV"
OTHER = (
    "with --output, weigh the claims also with the tables in FOLDER, of runs that another processor trained"
    " (may be given several times)"
)
COLOUR = {"supported": "green", "qualified": "yellow", "contradicted": "red", "inconclusive": "cyan"}


def main(
    tables: Annotated[Path, option(Path, "the study's tables (results/tables)")] = Path("results/tables"),
    claim: Annotated[str | None, option(str, "explain one claim, such as c10", metavar="ID")] = None,
    config: ChosenBy = None,
    output: Annotated[Path | None, option(Path, WRITTEN, metavar="FOLDER")] = None,
    other_arithmetic: Annotated[list[Path] | None, option(folder, OTHER, action="append", metavar="FOLDER")] = None,
) -> None:
    known = {each.id: each for each in all_claims()}
    if claim is not None and claim not in known:
        sys.exit(not_one_of("a claim", claim, known))
    study = Tables.read(tables)

    chosen = chosen_claims(tables, config)
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    if claim is not None:
        explain(one(study, known[claim], chosen), study, console)
    if claim is not None and output is None:
        return
    judgements = evaluate(study, chosen)
    if claim is None:
        overview(judgements, study, console)
    if output is not None:
        varied = robustness_table(judgements, study, read_others(other_arithmetic or []))
        write(ledger(judgements, varied), "claims", output)
        store("verdict_robustness", varied, output / "tables" / "verdict_robustness.parquet")
        store("identities", identities_table(judgements), output / "tables" / "identities.parquet")


def one(tables: Tables, claim: Claim, chosen: Iterable[Claim]) -> Judgement:
    """Judge one claim; the adjusted p of a confirmatory one depends on all that are weighed."""
    others = [other for other in chosen if other.rule.confirmatory] if claim.rule.confirmatory else []
    needed = others if claim in others else [claim, *others]
    return next(judgement for judgement in evaluate(tables, needed) if judgement.claim is claim)


def overview(judgements: list[Judgement], study: Tables, console: Console) -> None:
    """Every claim that was measured with its verdict, how often that holds, and its answer; then the controls."""
    table = Table(box=None, pad_edge=False, show_header=False)
    measured = [judgement for judgement in judgements if judgement.measured is not None]
    for one in measured:
        said = f"[bold]{escape(one.claim.says('statement'))}[/]\n{escape(one.answer)}"
        changes, variations = varied_of(one, study.verdict_robustness)
        kept = f"{variations - len(changes)} of {variations}" if variations else ""
        table.add_row(one.claim.id, f"{verdict(one)}\n{kept}", said)
    console.print(table)
    counts = ", ".join(f"{sum(one.verdict == name for one in measured)} {name}" for name in COLOUR)
    console.print(f"\n{len(measured)} claims: {counts}")
    if lacking := [one.claim.id for one in judgements if one.measured is None]:
        console.print(f"Not measured in this study: {', '.join(lacking)}")
    console.print("k of n: in how many other defensible ways of weighing a claim the verdict stays the same")
    console.print("Explain one with --claim, for example: python scripts/evaluate_claims.py --claim c02")
    if len(study.controls):
        console.print("\n[bold]Controls: can the ledger say no, and find what is there?[/bold]")
        table = Table(box=None, pad_edge=False, show_header=False)
        for control in study.controls.itertuples():
            passed = "[green]passed[/]" if control.passed else "[red]failed[/]"
            table.add_row(passed, f"[bold]{escape(control.statement)}[/]\n{escape(control.reason)}")
        console.print(table)


def explain(judgement: Judgement, study: Tables, console: Console) -> None:
    """Everything about one claim, and where in the study's tables its numbers stand."""
    claim = judgement.claim
    console.print(f"[bold]{escape(judgement.answer)}[/bold]\n")
    console.print(f"{claim.id}  {escape(claim.says('statement'))}")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    facts = {"judgement": judgement, "claim": claim, "measured": judgement.measured, "folder": study.folder}
    for row in wording.JINJA.get_template("claims/explained.txt.j2").render(facts).splitlines():
        table.add_row(*map(escape, row.split("\t")))
    table.add_row("verdict", f"{verdict(judgement)}  {escape(judgement.reason)}")
    changes, variations = varied_of(judgement, study.verdict_robustness)
    if said := wording.verdict("how_sure", variations=variations, changes=changes):
        table.add_row("how sure", escape(said))
    console.print(table)


def varied_of(judgement: Judgement, varied: pd.DataFrame) -> tuple[dict[str, str], int]:
    """The variations that change a claim's verdict, with theirs, and how many there are."""
    if varied.empty:
        return {}, 0
    own = varied[varied["id"] == judgement.claim.id]
    other = own[own["verdict"] != judgement.verdict]
    return dict(zip(other["variation"], other["verdict"], strict=True)), len(own)


def verdict(judgement: Judgement) -> str:
    """The verdict in its colour."""
    return f"[{COLOUR[judgement.verdict]}]{judgement.verdict}[/]"


if __name__ == "__main__":
    answered(main)
