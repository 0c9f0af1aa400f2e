"""REST, exports, health and metrics."""
