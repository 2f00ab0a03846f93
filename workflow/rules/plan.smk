# The plan: every run of the study, and the resolved configuration beside it.


rule plan:
    output:
        config=f"{RESULTS}/config.json",
        runs=f"{RESULTS}/plan.parquet",
        left_out=f"{RESULTS}/left_out.csv",
    log:
        f"{LOGS}/plan.log",
    priority: BEFORE_FIGURES
    localrule: True
    conda:
        ENVIRONMENT
    params:
        digest=STUDY.digest,
        folder=output_folder,
        config=resolved_config,
        code=code_of("plan_study.py"),
    message:
        "Plan the study"
    shell:
        RUN + "plan_study.py --output {params.folder:q} <<< {params.config:q} > {log:q} 2>&1"
