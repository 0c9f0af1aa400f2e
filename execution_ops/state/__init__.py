"""Reflex states: URL to filter to service to rows."""
