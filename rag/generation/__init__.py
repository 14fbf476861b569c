"""Readers, what they are asked, and what they write: prompts, the local server, programs and their sandbox."""
