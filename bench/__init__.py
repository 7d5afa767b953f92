"""Figures of the house, each beside a floor measured in the same run."""
