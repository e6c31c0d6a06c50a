"""How good a run is: against a gold file, at other thresholds, and on the people's own data."""
