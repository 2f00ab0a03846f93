# Tables → figures → the report as HTML and PDF.

REPORT_SOURCES = sorted(str(path) for path in Path("report").rglob("*") if path.is_file() and path.suffix != ".png")


rule figure:
    input:
        tables=lambda wildcards: parquet(*FIGURES[wildcards.figure].tables),
        words=figure_templates,
    output:
        svg=report(
            f"{RESULTS}/figures/{{figure}}.svg",
            caption="../../report/workflow/figure.rst",
            category=lambda wildcards: FIGURES[wildcards.figure].section.replace("_", " ").capitalize(),
            labels={"figure": "{figure}"},
        ),
        csv=f"{RESULTS}/figures/{{figure}}.csv",
        words=f"{RESULTS}/figures/{{figure}}.json",
    log:
        f"{LOGS}/figures/{{figure}}.log",
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_analyses,
        words=lambda wildcards: digest_of(figure_templates(wildcards)),
        tables=folder_of("tables"),
        folder=output_folder,
        # The words once they are drawn, for Snakemake's own report; as a function of `output` it draws nothing again.
        caption=lambda wildcards, output: caption(Path(output.words)),
        code=figure_code,
    message:
        "Draw {wildcards.figure}"
    shell:
        "python scripts/make_figures.py --tables {params.tables:q} --figures {wildcards.figure} --output {params.folder:q} > {log:q} 2>&1"


rule report:
    input:
        tables=parquet(*TABLES),
        config=f"{RESULTS}/config.json",
        figures=expand(f"{RESULTS}/figures/{{figure}}.{{kind}}", figure=FIGURES, kind=["svg", "csv", "json"]),
        sources=REPORT_SOURCES,
    output:
        html=report(f"{RESULTS}/report.html", caption="../../report/workflow/document.rst", category="Report"),
        pdf=report(f"{RESULTS}/report.pdf", caption="../../report/workflow/document.rst", category="Report"),
    log:
        f"{LOGS}/report.log",
    priority: BEFORE_FIGURES
    conda:
        ENVIRONMENT
    params:
        sources=digest_of(REPORT_SOURCES),
        benchmark=benchmark_digest,
        upstream=upstream_of_analyses,
        tables=folder_of("tables"),
        figures=folder_of("figures"),
        code=code_of("render_report.py"),
    message:
        "Render the report"
    shell:
        "python scripts/render_report.py --tables {params.tables:q} --figures {params.figures:q} --config {input.config:q}"
        " --report report --html {output.html:q} --pdf {output.pdf:q} > {log:q} 2>&1"


rule gallery:
    input:
        figures=expand(f"{RESULTS}/figures/{{figure}}.{{kind}}", figure=FIGURES, kind=["svg", "json"]),
        sources=["report/gallery.typ", *sorted(map(str, Path("report/fonts").iterdir()))],
    output:
        f"{RESULTS}/gallery.png",
    log:
        f"{LOGS}/gallery.log",
    conda:
        ENVIRONMENT
    params:
        upstream=upstream_of_analyses,
        figures=folder_of("figures"),
        code=code_of("make_gallery.py"),
    message:
        "Make the gallery"
    shell:
        "python scripts/make_gallery.py --figures {params.figures:q} --report report --output {output:q} > {log:q} 2>&1"
