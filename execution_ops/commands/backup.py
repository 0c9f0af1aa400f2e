"""`execution-ops backup` and `execution-ops restore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from execution_ops.commands.output import JsonOption, complain, exit_of, note, out, print_json
from execution_ops.domain.errors import OpsError
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.times import iso
from execution_ops.settings import settings


def backup(
    file: Annotated[Path, typer.Argument(help="Where the archive goes, such as ops.tar.zst.")],
    as_json: JsonOption = False,
) -> None:
    """Save ledger, artifacts and kits in one archive, while console and workers run."""
    from execution_ops.services.backup import make_backup

    with _in_words(as_json):
        manifest = make_backup(settings(), file)
        size = file.stat().st_size
        if as_json:
            print_json(
                {**manifest.model_dump(mode="json", exclude={"members"}), "files": len(manifest.members), "bytes": size}
            )
            return
        out().print(f"Saved {len(manifest.members):,} files in {file} ({describe_bytes(size)}).")
        if manifest.database != "sqlite":
            note("The ledger is in PostgreSQL and not in this archive: save it with pg_dump, best just before this.")


def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Keep what is in the data directory aside.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check an archive whole, then put it into the data directory; console and workers have to be stopped."""
    from execution_ops.services.restore import restore as put_back

    with _in_words(as_json):
        restored = put_back(settings(), file, force=force)
        made_at = iso(restored.manifest.made_at)
        if as_json:
            print_json({"made_at": made_at, "aside": str(restored.aside) if restored.aside else None})
            return
        out().print(f"The console is as it was at {made_at}. Start it: execution-ops up")
        if restored.aside is not None:
            note(f"What was there before is in {restored.aside}. Remove it when it is not needed any more.")


@contextmanager
def _in_words(as_json: bool) -> Iterator[None]:
    try:
        yield
    except OpsError as error:
        if as_json:
            print_json({"error": {"code": error.code, "message": error.message}})
        else:
            complain(error.message)
        raise typer.Exit(exit_of(error)) from error
