"""What the catalogue's palette and tenant switch get: from memory, and counted."""

import reflex as rx

from execution_ops.state.tenants import tenants_like

HOSTILE = "<img src=x onerror=alert(1)>"
KNOWN = [f"team-{n:03d}" for n in range(120)] + ["acme", "lumen"]


class CatalogueLookup(rx.State):
    """Ids that begin with 8c41 are there, `dead` fails, nothing else is found; `calls` are the texts asked for."""

    found: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)
    answered: str = ""
    trouble: str = ""
    calls: str = ""
    several: bool = False
    name: str = ""
    can_sign_out: bool = False
    names: rx.Field[list[str]] = rx.field(default_factory=list)
    asked: str = ""
    more: bool = False

    @rx.event
    def find(self, text: str) -> None:
        """Answer as the console does."""
        self.calls = f"{self.calls} {text}".strip()
        hit = text.startswith("8c41")
        self.found = (
            [
                {
                    "key": f"id-job-{n}",
                    "label": HOSTILE if n == 0 else "scan.catalog",
                    "also": f"acme · failed · 8c41f0b{n}",
                    "kind": "Job",
                    "icon": "list",
                    "href": f"/job?id=8c41f0b{n}",
                }
                for n in range(3)
            ]
            if hit
            else []
        )
        self.answered = text
        self.trouble = "The database does not answer." if text == "dead" else ""

    @rx.event
    def open(self) -> None:
        """The page was opened."""
        self.several = True
        self.search("")

    @rx.event
    def search(self, text: str) -> None:
        """The tenants that match."""
        self.names, self.more = tenants_like(KNOWN, text)
        self.asked = text
