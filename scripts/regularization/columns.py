"""The columns of the tables that training leaves; nothing here needs a library."""

METRICS = (
    "train_loss",
    "validation_loss",
    "test_loss",
    "train_accuracy",
    "validation_accuracy",
    "test_accuracy",
    "weight_norm",
    "risk",
    "null_space_norm",
)
RUN_KEY = ["run_id", "experiment", "setting", "method", "lam", "p", "seed", "data_seed", "cohort"]
RUN_COLUMNS = [*RUN_KEY, "status", "epochs", *METRICS]
CURVE_COLUMNS = ["run_id", "epoch", *METRICS]
PROBE_COLUMNS = ["run_id", "probe", "level", "value"]
COHORT_TABLES = ("runs", "curves", "predictions", "probes")  # of one cohort
COHORT_FILES = (*COHORT_TABLES, "provenance")  # written last, it seals the others
