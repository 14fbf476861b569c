"""What is kept of answers, checks, conversations and votes, in SQLite."""
