"""How well do two sides fit, in numbers: text into tokens and vectors, pairs into features."""
