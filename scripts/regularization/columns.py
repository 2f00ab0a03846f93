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
ACTIVATION_VARIANCES = ("activation_variance_1", "activation_variance_2")  # of the first two hidden layers
CURVE_COLUMNS = ["run_id", "epoch", *METRICS, *ACTIVATION_VARIANCES]
LOST = ("lost_to_noise", "lost_to_occlusion")  # of predictions: what these take from an image's accuracy
PROBE_COLUMNS = ["run_id", "probe", "level", "value"]
CALIBRATION = ("temperature", "accuracy", "confidence", "loss", "tempered_loss", "brier", "ece")
CALIBRATION_COLUMNS = ["run_id", *CALIBRATION]
CROSS_TERMS = ("initialisation_signal", "initialisation_noise", "signal_noise")  # of the parts of a linear run's risk
PARTS = ("initialisation", "signal_error", "fitted_noise", *CROSS_TERMS, "bias_term_error", "noise_floor")
ACCOUNT_COLUMNS = [*(name for name in RUN_KEY if name != "cohort"), *PARTS, "risk"]
COHORT_TABLES = ("runs", "curves", "predictions", "probes", "calibration", "account")  # of one cohort
COHORT_FILES = (*COHORT_TABLES, "provenance")  # written last, it seals the others
