# Fashion-MNIST: found or downloaded, and verified.


DATA_FILES = expand(
    f"{RESULTS}/data/{{name}}",
    name=["train_images.npy", "train_labels.npy", "test_images.npy", "test_labels.npy", "fetch.json"],
)


rule fetch_fashion_mnist:
    output:
        DATA_FILES,
    log:
        f"{LOGS}/fetch_fashion_mnist.log",
    conda:
        ENVIRONMENT
    params:
        folder=output_folder,
        # The folder that the configuration names, if it does; as a function of `output` it fetches nothing again.
        source=lambda wildcards, output: (
            f"--folder {shlex.quote(str(STUDY.fashion_mnist.folder))}" if STUDY.fashion_mnist.folder else ""
        ),
    message:
        "Fetch Fashion-MNIST and verify it"
    shell:
        "python scripts/fetch_data.py {params.source} --output {params.folder:q} > {log:q} 2>&1"
