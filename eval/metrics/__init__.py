"""Every figure the evaluation reports, as plain functions: no model, no file, no state.

A module an ability; `stats` holds the intervals and tests that all of them share. Each docstring names where its
formula comes from and where it departs from it.
"""
