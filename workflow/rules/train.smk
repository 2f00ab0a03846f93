# One job a cohort: many runs trained together as one tensor program.


def cohort_of(wildcards):
    return COHORTS[wildcards.experiment, wildcards.cohort]


def training_data(wildcards):
    # The content of these files is fixed by their checksums, so their age says nothing.
    return ancient(f"{RESULTS}/data/fetch.json") if wildcards.experiment == "dropout" else []


def training_code(wildcards):
    method = cohort_of(wildcards).cells[0].method
    task = "tasks/fashion_mlp.py" if wildcards.experiment == "dropout" else "tasks/linear_regression.py"
    trainer = "closed_form.py" if plan.method_class(method).closed_form else "training.py"
    return fingerprint(PACKAGE / trainer, PACKAGE / task, PACKAGE / "methods" / f"{method}.py")


rule train_cohort:
    input:
        config=ancient(f"{RESULTS}/config.json"),
        data=training_data,
    output:
        **{name: f"{RESULTS}/cohorts/{{experiment}}/{{cohort}}/{name}.parquet" for name in COHORT_TABLES},
    log:
        f"{LOGS}/train/{{experiment}}/{{cohort}}.log",
    params:
        folder=f"{RESULTS}/cohorts/{{experiment}}/{{cohort}}",
        data=f"{RESULTS}/data",
        runs=lambda wildcards: cohort_of(wildcards).digest(STUDY),
        code=training_code,
    threads: 1
    resources:
        mem_mb=3000,
        gpu=0 if STUDY.device == "cpu" else 1,
    conda:
        ENVIRONMENT
    message:
        "Train {wildcards.experiment} {wildcards.cohort}"
    shell:
        "python scripts/train_cohort.py --config {input.config:q} --experiment {wildcards.experiment}"
        " --cohort {wildcards.cohort:q} --data {params.data:q} --output {params.folder:q} 2> {log:q}"
