"""Everything hostile that is tried on Vouch, in one list: pytest tries it, `python -m tests.attack` counts it."""
