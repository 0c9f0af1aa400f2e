"""A place to unpack hostile kits to, which notices whatever is written elsewhere."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from execution_ops.domain.kits import CheckStatus, KitReport
from tests import kit_samples as samples
from tests.kit_samples import Recipe, member, verified

GOOD = [member(name, data) for name, data in samples.FILES.items()]


class Jail:
    """A place to unpack to with a secret beside it. It notices whatever is written elsewhere."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.into = root / "work" / "into"
        self.into.parent.mkdir()
        (root / "secret").write_text("secret")

    def refuse(self, source: Path, category: str, code: int = 11, **options: Any) -> KitReport:
        """Verify and unpack: it is refused for this, in time, and everything is as it was."""
        before = samples.tree(self.root)
        started = time.perf_counter()
        report = verified(source, self.into, **options)
        assert time.perf_counter() - started < 20
        assert (report.category, int(report.exit_code)) == (category, code)
        failed = next(check for check in report.checks if check.status is CheckStatus.FAILED)
        assert failed.found.endswith((".", "…"))
        assert failed.advice.endswith(".")
        assert len(report.failure) < 3000
        assert report.failure.isprintable()
        assert not self.into.exists()
        assert samples.tree(self.root) == before
        return report

    def refuse_parts(self, parts: dict[str, bytes], category: str, code: int = 11, **options: Any) -> KitReport:
        """The same for a kit in a tar."""
        return self.refuse(samples.write_tar(self.root / "kit.tar", parts), category, code, **options)

    def refuse_tar(self, tar: bytes, category: str, code: int = 11) -> KitReport:
        """The same for a signed kit with this payload."""
        return self.refuse_parts(Recipe(tar=tar).parts(), category, code)
