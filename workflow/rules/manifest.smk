# What results/README.md describes, and the checksums of it.

DOCUMENTED = [
    *(f"{RESULTS}/{name}.json" for name in ("config", "environment", "datapackage", "ro-crate-metadata")),
    *(f"{RESULTS}/{name}" for name in ("report.html", "report.pdf", "plan.parquet", "left_out.csv")),
    *LEDGERS,
    *files_of(*ASKED),
    *PREDICTIONS,
    *expand(f"{RESULTS}/figures/{{figure}}.{{kind}}", figure=FIGURES, kind=FIGURE_FILES),
    *expand(f"{RESULTS}/examples/decomposition.{{kind}}", kind=["parquet", "csv"] if "examples" in ASKED else []),
    *expand(f"{RESULTS}/aggregated/{{one}}/{{name}}.parquet", one=STUDY.experiments, name=COLLECTED),
]
# These carry their own checksums.
COHORTS_AND_DATA = [
    *(f"{RESULTS}/cohorts/{one}/{name}/{table}.parquet" for one, name in COHORTS for table in COHORT_FILES),
    *(DATA_FILES if FETCHED else []),
]


rule manifest:
    input:
        DOCUMENTED,
    output:
        f"{RESULTS}/manifest.json",
        f"{RESULTS}/manifest.sha256",
    log:
        f"{LOGS}/manifest.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        folder=output_folder,
        names=lambda wildcards, input: "\n".join(str(Path(path).relative_to(RESULTS)) for path in input),
        code=code_of("write_manifest.py"),
    message:
        "Record the checksums of all that is made"
    shell:
        RUN + "write_manifest.py --results {params.folder:q} <<< {params.names:q} > {log:q} 2>&1"
