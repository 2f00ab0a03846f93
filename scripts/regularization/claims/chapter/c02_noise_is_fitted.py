"""The high test error at λ = 0 is fitted noise, as the word overfitting suggests."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, NotMeasured

PARTS = ("initialisation", "signal_error", "fitted_noise", "bias_term_error")
ABLATIONS = "textbook_noise_0", "zero_init"  # without noise, without initial weights
HALF = 0.5


def evaluate(evidence: Evidence) -> Differences:
    account = evidence.tables.account
    if account.empty:
        raise NotMeasured("lacks_account")
    account = account[account["run_id"].isin(evidence.tables.runs["run_id"])]
    at_zero = account[account["method"] == "none"].assign(excess=lambda rows: rows["risk"] - rows["noise_floor"])
    shares = at_zero[["setting"]].join(at_zero[list(PARTS)].div(at_zero["excess"], axis=0))
    textbook = shares[shares["setting"] == "textbook"]
    if len(textbook) < 2:
        raise NotMeasured("lacks_textbook")
    for setting, rows in shares.groupby("setting", sort=False):
        evidence.number("shares", setting=setting, parts=rows[list(PARTS)].mean().to_dict())
    excess = at_zero.groupby("setting")["excess"].mean()
    for setting in ABLATIONS:
        if setting in excess.index:
            evidence.number("gone", 1 - excess[setting] / excess["textbook"], setting=setting)
    return textbook["fitted_noise"] - HALF


CLAIM = Claim(__name__, AtLeast(), evaluate)
