"""Text encoders, one a file; ``encoder`` in duijie.toml chooses one."""
