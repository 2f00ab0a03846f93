"""Check every finished cohort's files against the checksums that were recorded when they were written.

Prints the files that are damaged or of another configuration or other code; the exit status is 1 if there are any.
`make` does this by itself before it starts.

Usage: python scripts/verify_cohorts.py --config results/config.json [--set-aside]
"""

from typing import Annotated

from regularization.study import integrity, plan
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
    trained = len(cohorts) - (len(found) - len(faults))
    for fault in faults:
        print(fault)
    intact = f"{trained - len(faults):,} of {trained:,} trained cohorts are intact"
    print(f"{intact}, {len(cohorts) - trained:,} are not trained; the tables made of them were not looked at")
    if set_aside:
        wanted = [path for paths in repaired(study, print).values() for path in paths]
        if wanted:
            print(f"Make them again with: snakemake --cores all all {' '.join(wanted)}")
    return 1 if faults else 0


if __name__ == "__main__":
    answered(main)
