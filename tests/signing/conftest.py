"""Property tests of the package run without a deadline: a busy machine is no fault of the code."""

from hypothesis import settings

settings.register_profile("signing", deadline=None)
settings.load_profile("signing")
