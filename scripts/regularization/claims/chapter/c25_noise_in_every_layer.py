"""Noise in every layer regularises better than noise at the input alone.

The same Gaussian noise, fresh at every step: on the inputs, or on the inputs and every hidden layer, each at the
variance that validation data choose. A variance chosen at the edge of those tried may not be the best there is: a
condition. Dropout at the input alone was not trained and is not compared.
"""

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, network


def evaluate(evidence: Evidence) -> Measurement:
    at_input, everywhere = (evidence.chosen("samples_500", name) for name in ("input_noise", "layer_noise"))
    accuracy = evidence.differences(everywhere, at_input, "test_accuracy")
    evidence.condition("accuracy_higher", evidence.lowest(accuracy) > 0)
    for key in (at_input, everywhere):
        evidence.check_the_edge(key)
    evidence.number("chosen", at_input.lam, everywhere=everywhere.lam)
    evidence.number("accuracy", accuracy.mean())
    both = [set(evidence.lams("fashion_mnist", "samples_500", key.method)) for key in (at_input, everywhere)]
    for lam in sorted(both[0] & both[1]):
        a, b = (network(key.method, lam) for key in (at_input, everywhere))
        evidence.number("gained", evidence.differences(a, b, "test_loss").mean(), lam=lam)
    return evidence.contrast(evidence.differences(at_input, everywhere, "test_loss"))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="noise-injection")
