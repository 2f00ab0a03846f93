# How fast the engine trains on this machine, beside other ways to train the same: snakemake benchmark. No part of `all`.


rule benchmark:
    input:
        data=FETCHED,
    output:
        f"{RESULTS}/benchmark.csv",
    log:
        f"{LOGS}/benchmark.log",
    conda:
        ENVIRONMENT
    threads: 1024  # all that there are
    params:
        data=DATA,
        jobs=finished_jobs,
        code=code_of("measure_speed.py"),
    message:
        "Measure the speed; the machine should be idle otherwise"
    shell:
        program("measure_speed.py {params.data} {params.jobs} --output {output:q}")
