"""Execution Operations: an operator console for job execution."""

__version__ = "0.1.0"
