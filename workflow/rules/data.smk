# Fashion-MNIST, or the image set that the configuration names: found or downloaded, and verified.


DATA_FILES = expand(
    f"{RESULTS}/data/{{name}}",
    name=["train_images.npy", "train_labels.npy", "test_images.npy", "test_labels.npy", "fetch.json"],
)


rule fetch_fashion_mnist:
    output:
        DATA_FILES,
    log:
        f"{LOGS}/fetch_fashion_mnist.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        folder=output_folder,
        # The folder that the configuration names, if it does; as a function of `output` it fetches nothing again.
        source=lambda wildcards, output: (
            f"--folder {shlex.quote(str(STUDY.fashion_mnist.folder))}" if STUDY.fashion_mnist.folder else ""
        ),
        images=shlex.join(STUDY.fashion_mnist.as_options()),
    message:
        f"Fetch {STUDY.fashion_mnist.name} and verify it"
    shell:
        program("fetch_data.py {params.source} {params.images} --output {params.folder:q}")
