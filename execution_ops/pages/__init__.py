"""One module a page: they compose components and hold no logic."""
