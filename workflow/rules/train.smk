# One job a cohort: many runs trained together as one tensor program.


rule train_cohort:
    input:
        training_data,
    output:
        **{name: f"{RESULTS}/cohorts/{{experiment}}/{{cohort}}/{name}.parquet" for name in COHORT_FILES},
    log:
        f"{LOGS}/train/{{experiment}}/{{cohort}}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=cohort_memory,
        runtime=cohort_minutes,
        gpu=cohort_gpus,
    params:
        folder=output_folder,
        config=training_config,
        data=lambda wildcards, input: DATA if input else "",
        runs=lambda wildcards: cohort_of(wildcards).digest(STUDY),
        code=lambda wildcards: training_code(wildcards.experiment, cohort_of(wildcards).method),
    message:
        "Train {wildcards.experiment} {wildcards.cohort}"
    shell:
        "python scripts/train_cohort.py --config - --experiment {wildcards.experiment}"
        " --cohort {wildcards.cohort:q} {params.data} --output {params.folder:q} <<< {params.config:q} > {log:q} 2>&1"
