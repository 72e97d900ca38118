"""GET /reserv, with all that a request passes, beside the least that Django can do for the same rows."""

import json
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from bench.load import CLIENTS, compared, pgbench, wrk
from bench.result import Result, Table
from bench.site import Site, in_shell, listing

TURNS = 5
BARS = {"one row": 0.55, "the first 1,000 rows": 0.80}


def measure(site: Site, bare: Site) -> Table:
    app = site.app()
    row = app.get(listing("/reserv", rule="all", limit=1)).contents[0]
    paths = {
        "one row": (listing("/reserv", rule={"id": row["id"]}), f"/one/{row['id']}"),
        "the first 1,000 rows": (listing("/reserv", rule="all", limit=1000), "/first/1000"),
    }
    results = []
    for what, (ours, theirs) in paths.items():
        if app.get(ours).contents != bare.visitor().get(theirs).json:
            raise RuntimeError(f"{what}: both sites must send the same")
        subject, baseline, ratio = compared(
            partial(wrk, site.url + ours, app.headers), partial(wrk, bare.url + theirs, {})
        )
        in_sql = median(_in_sql(site, ours) for _turn in range(TURNS))
        results.append(
            Result(
                f"GET /reserv, {what}",
                (f"{in_sql:,.0f}", f"{subject:,.0f}", f"{baseline:,.0f}", f"{ratio:.0%}"),
                f">= {BARS[what]:.0%}",
                met=ratio >= BARS[what],
            )
        )
    return Table(
        "Reading",
        "GET /reserv by an app client's token, with everything that a request passes (token, scope, parameters, "
        "throttle counters, middleware, log), beside `bench/bare.py`: a Django view without middleware that sends the "
        "same rows from `values_list` by orjson; and pgbench with the very statements of the request, which is what "
        f"PostgreSQL alone could take. {CLIENTS} connections each.",
        ("what", "pgbench tx/s", "req/s", "bare req/s", "ratio", "bar", "met"),
        tuple(results),
    )


def _in_sql(site: Site, path: str) -> float:
    """What one request asks, asked by pgbench: times a second."""
    statements = json.loads(in_shell(site.database_url, f"statements.show_reading({path!r})"))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        script = Path(folder) / "read.sql"
        # Statements that travel together are one transaction, there as here.
        script.write_text("".join(statement.replace("; ", "\\; ") + ";\n" for statement in statements))
        return pgbench(site.database_url, script)
