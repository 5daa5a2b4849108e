"""Phrases of the planted duplicates: the score learns from ``fit.toml`` and is judged on ``report.toml``."""
