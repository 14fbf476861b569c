"""What people say of answers, kept for whoever learns from it."""
