"""Where the records of a run stand, so that they can be read again instead of being held."""
