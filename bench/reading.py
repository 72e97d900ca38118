"""GET /reserv, with all that a request passes, beside the least that Django can do for the same rows."""

from functools import partial

from bench.load import CLIENTS, compared, wrk
from bench.result import Result, Table
from bench.site import Site, listing

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
        results.append(
            Result(
                f"GET /reserv, {what}",
                (f"{subject:,.0f}", f"{baseline:,.0f}", f"{ratio:.0%}"),
                f">= {BARS[what]:.0%}",
                met=ratio >= BARS[what],
            )
        )
    return Table(
        "Reading",
        "GET /reserv by an app client's token, with everything that a request passes (token, scope, parameters, "
        "throttle counters, middleware, log), beside `bench/bare.py`: a Django view without middleware that sends the "
        f"same rows from `values_list` by orjson. wrk, {CLIENTS} connections.",
        ("what", "req/s", "bare req/s", "ratio", "bar", "met"),
        tuple(results),
    )
