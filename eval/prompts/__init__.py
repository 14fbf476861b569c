"""The prompts of the variants that are not the loop; the same form as the loop's, hashed into every result."""
