"""A ranker learned from the store's own past deals: earlier dates, what was known then, and what followed."""
