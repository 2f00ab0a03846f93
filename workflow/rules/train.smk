# One job a cohort: many runs trained together as one tensor program.


rule train_cohort:
    input:
        training_data,
    output:
        **{name: f"{RESULTS}/cohorts/{{experiment}}/{{cohort}}/{name}.parquet" for name in COHORT_TABLES},
    log:
        f"{LOGS}/train/{{experiment}}/{{cohort}}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=3000,
        gpu=0 if STUDY.device == "cpu" else 1,
    params:
        folder=output_folder,
        config=resolved_config,
        cores=lambda wildcards, output: workflow.cores or workflow.nodes or 1,
        data=lambda wildcards, input: data_option(input[0] if input else ""),
        runs=lambda wildcards: cohort_of(wildcards).digest(STUDY),
        code=lambda wildcards: training_code(wildcards.experiment, cohort_of(wildcards).method),
    message:
        "Train {wildcards.experiment} {wildcards.cohort}"
    shell:
        "python scripts/train_cohort.py --config - --experiment {wildcards.experiment}"
        " --cohort {wildcards.cohort:q} {params.data} --cores {params.cores} --output {params.folder:q} <<< {params.config:q} 2> {log:q}"
