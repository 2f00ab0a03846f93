"""What all tests share: properties are checked on the same examples every time, however slow the machine is.

`pytest --hypothesis-profile thorough` looks for new counterexamples.
"""

import sys

import pytest
from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2_000)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def _denormals_as_they_were():
    """The trainer flushes denormal numbers to zero for its whole process; a test must not leave that to the next."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
