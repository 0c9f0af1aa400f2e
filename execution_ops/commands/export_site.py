"""`execution-ops export-site`: the console's pages as files for a CDN."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from execution_ops.commands.output import JsonOption, complain, exit_of, out, print_json, safe
from execution_ops.domain.errors import OpsError
from execution_ops.settings import PREFIX

EXAMPLES = """Examples:

  execution-ops export-site --api-url https://api.example.org --out dist

  execution-ops export-site --api-url https://api.example.org --out dist --origin https://console.example.org --force

The rule files for nginx, Caddy and CloudFront are in dist/_edge, with a README; Cloudflare Pages and Netlify find
theirs at the root. The address of the server stands in dist/backend.js and may be changed there."""


def export_site(
    api_url: Annotated[str, typer.Option(help="The address of the console's server, as browsers reach it.")],
    target: Annotated[Path, typer.Option("--out", help="Directory to write; it is replaced as a whole.")],
    origin: Annotated[
        str, typer.Option(help="Where the pages will be served, as in https://console.example.org.")
    ] = "",
    standby: Annotated[
        list[str] | None,
        typer.Option(help="Another address that backend.js may name later; the pages may talk to it. Repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an export that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the console's pages as files, with rules for the server or CDN that serves them."""
    from execution_ops import frontend
    from execution_ops.edge import export

    try:
        wanted = export.target(target, (api_url, *(standby or ())), origin, force=force)
        frontend.ensure()
        exported = export.export(frontend.BUILD, wanted)
    except OpsError as error:
        complain(error.message)
        raise typer.Exit(exit_of(error)) from error
    if as_json:
        print_json(
            {
                "out": str(wanted.out),
                "api_url": wanted.backends[0],
                "files": exported.files,
                "bytes": exported.size,
                "brotli_bytes": exported.compressed,
                "rules": list(exported.rules),
            }
        )
        return
    console = out()
    console.print(
        safe(
            f"{exported.files} files, {exported.size / 1e6:.1f} MB ({exported.compressed / 1e6:.1f} MB with brotli), "
            f"are in {wanted.out}."
        )
    )
    console.print(safe(f"The server needs {PREFIX}PAGE_ORIGINS={wanted.origin or '<where the pages will be>'}"))
    console.print(safe(f"How to serve them: {wanted.out / '_edge' / 'README.md'}"))
