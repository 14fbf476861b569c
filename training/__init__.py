"""Training of the small judge, run once; needs torch. What it makes lies in `rag/models/trained/`."""
