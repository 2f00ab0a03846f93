# Does every verdict stand on another processor? snakemake verify_verdicts trains the networks that claims rest on once
# more, in the instructions of other processors, and weighs the claims with them. No part of `all`: it takes hours.

ARITHMETICS = {
    "avx2": "env MKL_CBWR=AVX2 ATEN_CPU_CAPABILITY=avx2 OPENBLAS_CORETYPE=Haswell",
    "sse": "env MKL_CBWR=COMPATIBLE ATEN_CPU_CAPABILITY=default OPENBLAS_CORETYPE=Nehalem",
}
# What is only described, or lies far from every margin, is not trained again. Linear runs agree to rounding everywhere.
DESCRIPTIVE = (
    *("random_labels_", "samples_10000", "softmax_10000", "samples_500_adam", "samples_500_crossed", "samples_500_600"),
    *("textbook_2023", "textbook_concise", "textbook_longer"),
)
VERIFIED = [
    one for one in COHORTS.values() if one.experiment == "fashion_mnist" and not one.name.startswith(DESCRIPTIVE)
]
ELSEWHERE = f"{RESULTS}/arithmetics/{{arithmetic}}"


use rule train_cohort as train_cohort_elsewhere with:
    output:
        **{name: f"{ELSEWHERE}/cohorts/{{experiment}}/{{cohort}}/{name}.parquet" for name in COHORT_FILES},
    log:
        f"{LOGS}/train_{{arithmetic}}/{{experiment}}/{{cohort}}.log",
    message:
        "Train {wildcards.cohort} as {wildcards.arithmetic} would"


rule aggregate_elsewhere:
    input:
        cohorts=[
            f"{ELSEWHERE}/cohorts/{cohort.experiment}/{cohort.name}/{table}.parquet"
            for cohort in VERIFIED
            for table in COHORT_FILES
        ],
    output:
        **{name: f"{ELSEWHERE}/{name}.parquet" for name in COLLECTED},
        predictions=f"{ELSEWHERE}/predictions_fashion_mnist.parquet",
    log:
        f"{LOGS}/aggregate_{{arithmetic}}.log",
    conda:
        ENVIRONMENT
    params:
        upstream=lambda wildcards: upstream(),
        config=resolved_config,
        cohorts=folder_of("cohorts", above=2),
        folder=output_folder,
        only=[cohort.name for cohort in VERIFIED],
        code=code_of("aggregate_experiment.py"),
    message:
        "Aggregate what was trained as {wildcards.arithmetic} would"
    shell:
        program(
            "aggregate_experiment.py --config - --cohorts {params.cohorts:q}"
            " --experiment fashion_mnist --only {params.only:q} --output {params.folder:q}"
            " --predictions {output.predictions:q} <<< {params.config:q}"
        )


rule verify_verdicts:
    input:
        claims=f"{RESULTS}/claims.json",
        tables=parquet(*BASIC_TABLES, *ANALYSES),
        elsewhere=expand(f"{ELSEWHERE}/predictions_fashion_mnist.parquet", arithmetic=ARITHMETICS),
    output:
        f"{RESULTS}/verdicts_elsewhere.csv",
    log:
        f"{LOGS}/verify_verdicts.log",
    conda:
        ENVIRONMENT
    params:
        tables=folder_of("tables"),
        elsewhere=lambda wildcards, output: [ELSEWHERE.format(arithmetic=name) for name in ARITHMETICS],
        code=code_of("verify_verdicts.py", plugins="claims/chapter"),
    message:
        "Weigh the claims with the networks of other arithmetics"
    shell:
        program("verify_verdicts.py --tables {params.tables:q} --elsewhere {params.elsewhere:q} --output {output:q}")
        + "; cat {log:q} >&2"
