"""A hand-written English-French grammar: every function builds both sides of a pair together."""
