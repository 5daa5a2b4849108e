"""The fictional sample market and the generator that writes it."""
