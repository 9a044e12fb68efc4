"""How many examples a property is tried with: fewer where each is slow, more in a night."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples every time, unless what is looked for takes a night.
settings.register_profile("everyday", derandomize=True, deadline=None)
settings.register_profile("nightly", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


def examples(share: float) -> int:
    """This share of what the profile asks for."""
    return round(share * settings().max_examples)
