"""The console with hot reload: Reflex's development server on our port, and a worker."""

from __future__ import annotations

import os
import sys

from execution_ops import frontend
from execution_ops.settings import settings
from execution_ops.supervisor import Program, Supervisor, on_signals

GRACE_S = 25.0


def main() -> None:
    """Serve on the port of the settings, with Reflex's own backend one above, until Ctrl-C."""
    config = settings()
    os.environ.update(frontend.build_environment())
    ports = ("--frontend-port", str(config.port), "--backend-port", str(config.port + 1))
    supervisor = Supervisor(
        (
            Program("web", (sys.executable, "-m", "reflex", "run", *ports)),
            Program("worker", (sys.executable, "-m", "execution_ops", "worker")),
        ),
        grace_s=GRACE_S,
    )
    on_signals(supervisor.stop)
    supervisor.run()


if __name__ == "__main__":
    main()
