"""The frame of every page, and the page of an unknown address."""

from __future__ import annotations

from typing import Final

# pages/not_found.py
NOT_FOUND: Final = "Not found"
NOT_FOUND_WHY: Final = "The address may be mistyped, or what it named is gone. The nearest pages:"
NO_PAGE_AT_THIS_ADDRESS: Final = "No page at this address"

# state/live.py
NOT_LOADED_YET: Final = "Not loaded yet."
UNEXPECTED: Final = "Something went wrong while reading this page. The console's log has the details."
