# The plan: every run of the study, the resolved configuration, and what all but the runs is made with.


rule plan:
    output:
        config=f"{RESULTS}/config.json",
        runs=f"{RESULTS}/plan.parquet",
        left_out=f"{RESULTS}/left_out.csv",
        environment=f"{RESULTS}/environment.json",
    log:
        f"{LOGS}/plan.log",
    priority: BEFORE_FIGURES
    localrule: True
    conda:
        ENVIRONMENT
    params:
        digest=STUDY.digest,
        upstream=upstream_of_ledgers,
        folder=output_folder,
        config=resolved_config,
        code=code_of("plan_study.py"),
    message:
        "Plan the study"
    shell:
        program("plan_study.py --output {params.folder:q} <<< {params.config:q}")
