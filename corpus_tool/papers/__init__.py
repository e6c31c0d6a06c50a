"""When two records are the same paper: the scorecard, and all that serves it."""
