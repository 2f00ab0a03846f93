# Tables → figures → the report as HTML and PDF.

REPORT_SOURCES = sorted(str(path) for path in Path(REPORT).rglob("*") if path.is_file() and path.suffix != ".png")
BESIDE = [os.path.normpath(f"{PROJECT}/{name}") for name in ("CITATION.cff", "results/README.md")]
REPORT_SOURCES += filter(os.path.isfile, BESIDE)

FIGURE_FILES = ["svg", "csv", "json", "narrow.svg", "png", "rst"]


# The figures of a section are drawn together: starting a job takes longer than drawing a figure.
for SECTION in dict.fromkeys(figure.section for figure in FIGURES.values()):
    NAMES = [name for name, figure in FIGURES.items() if figure.section == SECTION]

    rule:
        name:
            f"figures_of_{SECTION}"
        input:
            tables=parquet(*dict.fromkeys(table for name in NAMES for table in FIGURES[name].tables)),
            words=figure_templates(NAMES),
        output:
            *[
                report(
                    f"{RESULTS}/figures/{name}.svg",
                    caption=str(Path(RESULTS, "figures", f"{name}.rst").resolve()),
                    category=SECTION.replace("_", " ").capitalize(),
                    labels={"figure": name},
                )
                for name in NAMES
            ],
            *expand(f"{RESULTS}/figures/{{name}}.{{kind}}", name=NAMES, kind=FIGURE_FILES[1:]),
        log:
            f"{LOGS}/figures/{SECTION}.log",
        localrule: True
        conda:
            ENVIRONMENT
        params:
            upstream=upstream_of_ledgers if SECTION == "claims" else upstream_of_analyses,
            config=resolved_config,
            title=STUDY.title,
            words=digest_of(figure_templates(NAMES)),
            tables=folder_of("tables"),
            names=NAMES,
            folder=output_folder,
            code=figure_code(NAMES),
        message:
            f"Draw the figures of {SECTION.replace('_', ' ')}"
        shell:
            program(
                "make_figures.py --tables {params.tables:q} --config - --output {params.folder:q}"
                " --figures {params.names} <<< {params.config:q}"
            )


# What results/README.md describes: all of it is there when the report is rendered, which the manifest is written with.
DOCUMENTED = [
    *(f"{RESULTS}/{name}.json" for name in ("config", "environment", "datapackage", "ro-crate-metadata")),
    *(f"{RESULTS}/{name}" for name in ("report.html", "report.pdf", "plan.parquet", "left_out.csv")),
    *LEDGERS,
    *files_of(*ASKED),
    *PREDICTIONS,
    *expand(f"{RESULTS}/figures/{{figure}}.{{kind}}", figure=FIGURES, kind=FIGURE_FILES),
    *expand(f"{RESULTS}/examples/decomposition.{{kind}}", kind=["parquet", "csv"] if "examples" in ASKED else []),
    *expand(f"{RESULTS}/aggregated/{{one}}/{{name}}.parquet", one=STUDY.experiments, name=COLLECTED),
]


rule report:
    input:
        tables=parquet(*ASKED),
        config=f"{RESULTS}/config.json",
        environment=f"{RESULTS}/environment.json",
        figures=expand(
            f"{RESULTS}/figures/{{figure}}.{{kind}}", figure=FIGURES, kind=["svg", "narrow.svg", "csv", "json"]
        ),
        sources=REPORT_SOURCES,
    output:
        html=report(f"{RESULTS}/report.html", caption="../../report/workflow/document.rst", category="Report"),
        pdf=report(f"{RESULTS}/report.pdf", caption="../../report/workflow/document.rst", category="Report"),
        archives=[f"{RESULTS}/datapackage.json", f"{RESULTS}/ro-crate-metadata.json"],
        manifest=[f"{RESULTS}/manifest.json", f"{RESULTS}/manifest.sha256"],
    log:
        f"{LOGS}/report.log",
    priority: BEFORE_FIGURES
    localrule: True
    conda:
        ENVIRONMENT
    params:
        sources=digest_of(REPORT_SOURCES),
        benchmark=benchmark_digest,
        upstream=upstream_of_ledgers,
        tables=folder_of("tables"),
        figures=folder_of("figures"),
        names="\n".join(str(Path(path).relative_to(RESULTS)) for path in DOCUMENTED),
        code=code_of("render_report.py"),
    message:
        "Render the report"
    shell:
        program(
            "render_report.py --tables {params.tables:q} --figures {params.figures:q} --config {input.config:q}"
            " --describe --html {output.html:q} --pdf {output.pdf:q} <<< {params.names:q}"
        )
