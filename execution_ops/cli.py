"""The command line. Each group of commands lives in `commands/`; this module only joins them."""

from __future__ import annotations

import typer

from execution_ops.commands import (
    analyzers,
    audit,
    backup,
    baselines,
    bench,
    doctor,
    export_site,
    jobs,
    kits,
    letters,
    processes,
    quotas,
    replays,
    retention,
    scan,
    scanner_settings,
    scheduler_runs,
    schedules,
    status,
    workers,
)
from execution_ops.commands.output import EXIT_CODES

app = typer.Typer(
    no_args_is_help=True,
    # A traceback with local variables would print what redaction hides.
    pretty_exceptions_enable=False,
    help="Execution Operations: an operator console for job execution.",
    epilog=EXIT_CODES,
)
app.command(epilog=EXIT_CODES)(scan.scan)
app.command(epilog=EXIT_CODES)(status.status)
app.command("export-site", epilog=export_site.EXAMPLES)(export_site.export_site)
app.command(epilog=EXIT_CODES)(retention.retention)
app.command(epilog=EXIT_CODES)(doctor.doctor)
app.command(epilog=EXIT_CODES)(backup.backup)
app.command(epilog=EXIT_CODES)(backup.restore)
app.add_typer(jobs.app, name="jobs")
app.add_typer(quotas.app, name="quotas")
app.add_typer(letters.app, name="dead-letters")
app.add_typer(replays.app, name="replays")
app.add_typer(schedules.app, name="schedules")
app.add_typer(scheduler_runs.app, name="runs")
app.add_typer(workers.app, name="workers")
app.add_typer(baselines.app, name="baselines")
app.add_typer(scanner_settings.app, name="scanner-settings")
app.add_typer(scanner_settings.trust_app, name="trust")
app.add_typer(kits.app, name="kits")
app.add_typer(bench.app, name="bench")
app.add_typer(analyzers.app, name="analyzers")
app.add_typer(audit.app, name="audit")
for command in (processes.up, processes.worker, processes.web):
    app.command()(command)
