"""Settings of the whole suite."""

from hypothesis import settings

# A busy machine must not fail a property for being slow, and a failure seen once must be seen again.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
