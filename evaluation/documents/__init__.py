"""Documents whose figures come out of results of the evaluation: tables, figures, and where they stand."""
