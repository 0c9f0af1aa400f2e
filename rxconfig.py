"""What Reflex reads: the app's name, who may connect, and how the frontend is built."""

import reflex as rx
from reflex_base.constants import PackageJson

from execution_ops.frontend import SameOriginPlugin
from execution_ops.settings import settings

# Reflex starts its development server on every address of the machine; ours stays on one.
PackageJson.Commands.DEV = "react-router dev --host 127.0.0.1"

config = rx.Config(
    app_name="execution_ops",
    backend_host=settings().host,
    cors_allowed_origins=settings().origins(),
    state_manager_mode="memory",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_compression_formats=["gzip", "brotli"],
    plugins=[SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
