"""The console on a remote Execution Operations API: the port of `base`, carried over REST."""
