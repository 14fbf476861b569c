"""From a question to a published answer. Read engine.py first."""
