"""Offline kits: reading what may be hostile, verifying it, unpacking it, and building new ones."""
