"""Engines: the order of the stages, on one machine or many."""
