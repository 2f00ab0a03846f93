# One job a cohort: many runs trained together as one tensor program.


rule train_cohort:
    input:
        # Whenever and wherever from the data were fetched, they are the same: fetching them again trains nothing.
        lambda wildcards: ancient(FETCHED) if setting_class(wildcards.experiment).needs_images else [],
    output:
        **{name: f"{RESULTS}/cohorts/{{experiment}}/{{cohort}}/{name}.parquet" for name in COHORT_FILES},
    log:
        f"{LOGS}/train/{{experiment}}/{{cohort}}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: costs.memory_mb(cohort_of(wildcards), STUDY, DEVICE, attempt),
        runtime=lambda wildcards, attempt: costs.minutes(cohort_of(wildcards), STUDY, attempt),
        # One device for a job that trains on it, none for what is solved in closed form.
        gpu=lambda wildcards: int(DEVICE == "cuda" and not method_class(cohort_of(wildcards).method).closed_form),
    params:
        folder=output_folder,
        config=resolved_config,
        # What `auto` means here; as a function of `output` it trains nothing again.
        device=lambda wildcards, output: DEVICE,
        data=lambda wildcards, input: DATA if input else "",
        runs=lambda wildcards: cohort_of(wildcards).digest(STUDY),
        code=lambda wildcards: training_code(wildcards.experiment, cohort_of(wildcards).method),
        arithmetic=lambda wildcards: ARITHMETICS.get(wildcards.get("arithmetic"), ""),  # another one: see verify.smk
    message:
        "Train {wildcards.experiment} {wildcards.cohort}"
    shell:
        program(
            "train_cohort.py --config - --device {params.device} --experiment {wildcards.experiment}"
            " --cohort {wildcards.cohort:q} {params.data} --output {params.folder:q} <<< {params.config:q}",
            "{params.arithmetic} ",
        )
