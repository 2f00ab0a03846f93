"""What all tests share: properties are checked on the same examples every time, however slow the machine is.

`pytest --hypothesis-profile thorough` looks for new counterexamples.
"""

from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2_000)
settings.load_profile("same")
