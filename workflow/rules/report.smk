# Tables → figures → the report as HTML and PDF.

TABLES = expand(f"{RESULTS}/tables/{{name}}.parquet", name=(*BASIC_TABLES, *ANALYSES, "claims"))


rule figures:
    input:
        tables=TABLES,
        config=f"{RESULTS}/config.json",
    output:
        directory(f"{RESULTS}/figures"),
    log:
        f"{LOGS}/figures.log",
    conda:
        ENVIRONMENT
    params:
        tables=lambda wildcards, input: str(Path(input.tables[0]).parent),
        code=code_of("make_figures.py"),
    message:
        "Draw the figures"
    shell:
        "python scripts/make_figures.py --tables {params.tables:q} --config {input.config:q} --output {output:q} 2> {log:q}"


rule report:
    input:
        tables=TABLES,
        config=f"{RESULTS}/config.json",
        figures=f"{RESULTS}/figures",
        sources=sorted(str(path) for path in Path("report").rglob("*") if path.is_file()),
    output:
        html=f"{RESULTS}/report.html",
        pdf=f"{RESULTS}/report.pdf",
    log:
        f"{LOGS}/report.log",
    conda:
        ENVIRONMENT
    params:
        tables=lambda wildcards, input: str(Path(input.tables[0]).parent),
        code=code_of("render_report.py"),
    message:
        "Render the report"
    shell:
        "python scripts/render_report.py --tables {params.tables:q} --figures {input.figures:q} --config {input.config:q}"
        " --report report --html {output.html:q} --pdf {output.pdf:q} 2> {log:q}"
