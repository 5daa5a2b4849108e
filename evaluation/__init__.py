"""How do we know: labelled sets, metrics, baselines, significance, benchmarks."""
