"""Choosing a reader: what could answer here, how good it is on this machine, and which one it is."""
