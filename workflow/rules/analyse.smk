# Cohorts → tables, theory beside them, and the gates.


rule aggregate_experiment:
    input:
        runs=f"{RESULTS}/plan.parquet",
        cohorts=lambda wildcards: [
            f"{RESULTS}/cohorts/{experiment}/{name}/{table}.parquet"
            for experiment, name in COHORTS
            for table in COHORT_TABLES
            if experiment == wildcards.experiment
        ],
    output:
        **{name: f"{RESULTS}/aggregated/{{experiment}}/{name}.parquet" for name in (*COHORT_TABLES, "cells")},
    log:
        f"{LOGS}/aggregate_{{experiment}}.log",
    conda:
        ENVIRONMENT
    params:
        cohorts=lambda wildcards, input: str(Path(input.cohorts[0]).parents[1]),
        folder=output_folder,
        code=code_of("aggregate_experiment.py"),
    message:
        "Aggregate {wildcards.experiment}"
    shell:
        "python scripts/aggregate_experiment.py --plan {input.runs:q} --cohorts {params.cohorts:q}"
        " --experiment {wildcards.experiment} --output {params.folder:q} 2> {log:q}"


rule collect_tables:
    input:
        config=f"{RESULTS}/config.json",
        parts=expand(
            f"{RESULTS}/aggregated/{{experiment}}/{{name}}.parquet",
            experiment=STUDY.experiments,
            name=("runs", "curves", "cells", "probes", "provenance"),
        ),
    output:
        expand(
            f"{RESULTS}/tables/{{name}}",
            name=[
                "runs.parquet",
                "curves.parquet",
                "probes.parquet",
                *(
                    f"{table}.{kind}"
                    for table in ("cells", "settings", "gates", "provenance")
                    for kind in ("parquet", "csv")
                ),
            ],
        ),
    log:
        f"{LOGS}/collect_tables.log",
    conda:
        ENVIRONMENT
    params:
        aggregated=lambda wildcards, input: str(Path(input.parts[0]).parents[1]),
        folder=output_folder,
        code=code_of("collect_tables.py"),
    message:
        "Collect the tables"
    shell:
        "python scripts/collect_tables.py --config {input.config:q} --aggregated {params.aggregated:q}"
        " --output {params.folder:q} 2> {log:q}"


rule collect_predictions:
    input:
        f"{RESULTS}/aggregated/{{experiment}}/predictions.parquet",
    output:
        f"{RESULTS}/tables/predictions_{{experiment}}.parquet",
    log:
        f"{LOGS}/collect_predictions_{{experiment}}.log",
    conda:
        ENVIRONMENT
    message:
        "Collect the predictions of {wildcards.experiment}"
    shell:
        "cp {input:q} {output:q} 2> {log:q}"


rule theory:
    input:
        config=f"{RESULTS}/config.json",
    output:
        table=f"{RESULTS}/tables/theory.parquet",
        csv=f"{RESULTS}/tables/theory.csv",
    log:
        f"{LOGS}/theory.log",
    conda:
        ENVIRONMENT
    params:
        code=code_of("make_theory.py"),
    message:
        "Compute the theory"
    shell:
        "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1"
        " python scripts/make_theory.py --config {input.config:q} --output {output.table:q} 2> {log:q}"


rule check_gates:
    input:
        f"{RESULTS}/tables/gates.parquet",
    output:
        f"{RESULTS}/gates.passed",
    log:
        f"{LOGS}/check_gates.log",
    conda:
        ENVIRONMENT
    message:
        "Check the gates"
    shell:
        "python scripts/check_gates.py --gates {input:q} --output {output:q} 2> {log:q}"
