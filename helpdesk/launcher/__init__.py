"""Starts processes: embedded servers, and everything that the demo runs. The only place that does."""
