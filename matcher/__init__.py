"""Who should meet whom, and why: eligibility, candidates, ranking, reasons, the run."""
