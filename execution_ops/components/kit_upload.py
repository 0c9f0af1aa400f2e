"""A file on its way to the server, with its progress."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.islands import FOLDER, Island, nothing, two_texts


class KitUpload(Island):
    """Chooses a kit and sends it; the browser keeps it out of the page's own connection."""

    library = f"{FOLDER}/kit-upload.jsx"

    address: rx.Var[str]
    most: rx.Var[int]
    off: rx.Var[Any]
    on_uploaded: rx.EventHandler[two_texts]
    on_cancel: rx.EventHandler[nothing]


def kit_upload(*, most: int | rx.Var[int], off: str | rx.Var[str], on_uploaded: Any, on_cancel: Any) -> rx.Component:
    """The chooser. `most` is how many bytes a kit may have; `on_uploaded(upload id, "import" or "verify")`.

    Taken off the page while it sends, it stops.
    """
    return KitUpload.create(
        address=routes.api_kit_upload(), most=most, off=off, on_uploaded=on_uploaded, on_cancel=on_cancel
    )
