"""Sources become pages and chunks: fetch, extract (and what it reads kind by kind), furniture, chunk, ingest."""
