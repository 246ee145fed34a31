"""The exact, faster way to the same numbers."""
