"""Vouch: answers from web pages and documents whose every sentence can be checked."""

__version__ = "0.6.1"
