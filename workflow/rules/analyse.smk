# Cohorts → tables, and what follows from them: theory, bias and variance, tuning, claims, gates.


rule aggregate_experiment:
    input:
        cohorts=lambda wildcards: [
            f"{RESULTS}/cohorts/{experiment}/{name}/{table}.parquet"
            for experiment, name in COHORTS
            for table in COHORT_FILES
            if experiment == wildcards.experiment
        ],
    output:
        **{name: f"{RESULTS}/aggregated/{{experiment}}/{name}.parquet" for name in COLLECTED},
        predictions=f"{RESULTS}/tables/predictions_{{experiment}}.parquet",
    log:
        f"{LOGS}/aggregate_{{experiment}}.log",
    priority: BEFORE_FIGURES
    conda:
        ENVIRONMENT
    params:
        upstream=lambda wildcards: upstream(),
        config=resolved_config,
        cohorts=folder_of("cohorts", above=2),
        folder=output_folder,
        code=code_of("aggregate_experiment.py"),
    message:
        "Aggregate {wildcards.experiment}"
    shell:
        program(
            "aggregate_experiment.py --config - --cohorts {params.cohorts:q} --experiment {wildcards.experiment}"
            " --output {params.folder:q} --predictions {output.predictions:q} <<< {params.config:q}"
        )


rule collect_tables:
    input:
        parts=expand(
            f"{RESULTS}/aggregated/{{experiment}}/{{name}}.parquet",
            experiment=STUDY.experiments,
            name=COLLECTED,
        ),
        data=FETCHED,
    output:
        files_of(*tables_of("collected")),
    log:
        f"{LOGS}/collect_tables.log",
    priority: BEFORE_FIGURES
    localrule: True
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_tables,
        config=resolved_config,
        aggregated=folder_of("parts", above=2),
        data=DATA,
        folder=output_folder,
        code=code_of("collect_tables.py"),
    message:
        "Collect the tables"
    shell:
        program(
            "collect_tables.py --config - --aggregated {params.aggregated:q} {params.data}"
            " --output {params.folder:q} <<< {params.config:q}"
        )


rule theory:
    output:
        tables=files_of("theory"),
    log:
        f"{LOGS}/theory.log",
    priority: BEFORE_FIGURES
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_tables,
        config=resolved_config,
        code=code_of("make_theory.py"),
    message:
        "Compute the theory"
    shell:
        program("make_theory.py --config - --output {output.tables[0]:q} <<< {params.config:q}")


rule examples:
    output:
        decomposition=f"{RESULTS}/examples/decomposition.parquet",
        decomposition_csv=f"{RESULTS}/examples/decomposition.csv",
        curves=f"{RESULTS}/tables/examples.parquet",
        curves_csv=f"{RESULTS}/tables/examples.csv",
    log:
        f"{LOGS}/examples.log",
    priority: BEFORE_FIGURES
    conda:
        ENVIRONMENT
    params:
        software=SOFTWARE,
        code=code_of("make_examples.py"),
    message:
        "Fit the chapter's example: y = x² and x₁x₂"
    shell:
        program("make_examples.py --output-decomposition {output.decomposition:q} --output-curves {output.curves:q}")


rule decomposition:
    input:
        tables=parquet("runs", "settings"),
        predictions=PREDICTIONS,
        examples=f"{RESULTS}/examples/decomposition.parquet",
        data=FETCHED,
    output:
        tables=files_of("decomposition"),
    log:
        f"{LOGS}/decomposition.log",
    priority: BEFORE_FIGURES
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_tables,
        tables=folder_of("tables"),
        data=DATA,
        code=code_of("make_decomposition.py"),
    message:
        "Estimate bias and variance"
    shell:
        program(
            "make_decomposition.py --tables {params.tables:q} {params.data} --examples {input.examples:q}"
            " --output {output.tables[0]:q}"
        )


rule tuning:
    input:
        runs=f"{RESULTS}/tables/runs.parquet",
    output:
        tables=files_of("tuning"),
    log:
        f"{LOGS}/tuning.log",
    priority: BEFORE_FIGURES
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_tables,
        code=code_of("make_tuning.py"),
    message:
        "Measure what tuning costs"
    shell:
        program("make_tuning.py --runs {input.runs:q} --output {output.tables[0]:q}")


rule claims:
    input:
        tables=parquet(*BASIC_TABLES, *ANALYSES),
        predictions=PREDICTIONS,
        words=sorted(str(path) for path in Path(REPORT, "claims").iterdir()),
    output:
        json=f"{RESULTS}/claims.json",
        csv=report(f"{RESULTS}/tables/claims.csv", caption="../../report/workflow/table.rst", category="Tables"),
        tables=[*parquet("claims"), *files_of("verdict_robustness", "identities")],
    log:
        f"{LOGS}/claims.log",
    priority: BEFORE_FIGURES
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_ledgers,
        config=resolved_config,
        tables=folder_of("tables"),
        folder=output_folder,
        elsewhere=other_arithmetics,
        code=code_of("evaluate_claims.py", plugins="claims/chapter"),
    message:
        "Weigh the claims"
    shell:
        program(
            "evaluate_claims.py --tables {params.tables:q} --config - --output {params.folder:q}"
            " {params.elsewhere} <<< {params.config:q}"
        )


rule controls:
    input:
        tables=parquet(*BASIC_TABLES, *ANALYSES),
        predictions=PREDICTIONS,
        words=sorted(str(path) for path in Path(REPORT, "claims").iterdir()),
    output:
        json=f"{RESULTS}/controls.json",
        tables=files_of("controls", "null_ledgers"),
    log:
        f"{LOGS}/controls.log",
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_ledgers,
        config=resolved_config,
        tables=folder_of("tables"),
        folder=output_folder,
        code=code_of("evaluate_controls.py", plugins="claims/chapter"),
    message:
        "Ask the rules where there is nothing to find"
    shell:
        program(
            "evaluate_controls.py --tables {params.tables:q} --config - --output {params.folder:q} <<< {params.config:q}"
        )


rule check_gates:
    input:
        f"{RESULTS}/tables/gates.parquet",
    output:
        f"{RESULTS}/gates.passed",
    log:
        f"{LOGS}/check_gates.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_tables,
    message:
        "Check the gates"
    shell:
        program("check_gates.py --gates {input:q} --output {output:q}")
