"""Check every finished cohort's files, and all of the manifest, against the checksums of when they were written.

Prints those that are damaged, gone, or of another configuration or other code; the exit status is 1 if there are any.
`make` does this by itself before it starts.

Usage: python scripts/verify_cohorts.py --config results/config.json [--set-aside]
"""

from typing import Annotated

from regularization.study import integrity, manifest, plan
from regularization.study.configuration import Configuration
from regularization.study.precautions import repaired
from regularization.system.command_line import Config, answered, switch


def main(
    config: Config,
    set_aside: Annotated[
        bool, switch("keep damaged files in results/set_aside, so that Snakemake makes them again")
    ] = False,
) -> int:
    study = Configuration.read(config)
    cohorts = plan.cohorts(study)
    found = integrity.faults(study, cohorts, study.results / "cohorts")
    faults = [fault for fault in found if fault.kind != "missing"]
    damaged = manifest.differences(study.results)
    said = [*map(str, faults), *(f"{study.results / name} is damaged: {how}" for name, how in damaged.items())]
    missing = f"{len(found) - len(faults):,} missing or not trained yet"
    print(*said, f"{len(cohorts) - len(found):,} of {len(cohorts):,} cohorts are intact, {missing}", sep="\n")
    if set_aside:
        wanted = [path for paths in repaired(study, print).values() for path in paths]
        if wanted or damaged:
            print("Make them again with:", *("snakemake --cores all all", *wanted))
    return 1 if faults or damaged else 0


if __name__ == "__main__":
    answered(main)
