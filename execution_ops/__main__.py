"""`python -m execution_ops`: the command line without an installed script."""

from execution_ops.cli import app

app()
