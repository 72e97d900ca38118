"""wapiti as nobody, a customer and staff, sqlmap at the API's filters and the search boxes; 1 if either finds anything.

Beforehand both must find the holes of a site that has them. SCAN="--seconds 20" is a quick look.
"""

import argparse
import sys
from pathlib import Path
from urllib.parse import quote

import requests

from cody_site.demo.sign_ins import CLIENT_SECRET, PASSWORD
from deploy import cluster
from deploy.scan import tools
from deploy.scan.careless import careless_site
from tests.servers import free_port

PROGRAMS = cluster.ROOT / "var" / "scanners"
NOT_VISITED = ("/logout/*", "/admin/logout/*", "/my/withdrawal/*", "/static/*", "/docs/*", "/i18n/*")
"""What ends the session that the scanner has, and what is none of ours or ends nowhere."""
FILTERS = {
    "/reserv": ("id", "userid", "status", "designerid", "date", "time"),
    "/user": ("userid", "name", "type", "pn", "email"),
    "/post": ("userid", "ip", "postid", "title"),
    "/comment": ("userid", "ip", "postid", "commid", "title"),
    "/product": ("id", "name"),
    "/payment": ("payment_UID", "userid", "status"),
}
BOXES = {
    "customer1": ["/board/?q=*", "/board/?page=1*", "/reserve/?date=2026-01-01*&designer=1*", "/my/photos/?before=1*"],
    "staff": [
        "/admin/search/?q=*", "/admin/?date=2026-01-01*", "/admin/reservations/reservation/?q=*",
        "/admin/reservations/reservation/?status__exact=1*", "/admin/reservations/reservation/?o=1*",
        "/admin/accounts/user/?q=*", "/admin/payments/payment/?q=*", "/admin/board/post/?q=*",
        "/admin/media_store/photo/?q=*", "/admin/reports/revenue/?from=2026-01-01*&to=2026-02-01*",
    ],
}  # fmt: skip


SEEN_BY = {None: "/reserve/", "customer1": "/my/profile/", "staff": "/admin/reservations/reservation/"}
"""Who crawls, and a page that they must have come by."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make scan", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each module of wapiti, and twice for sqlmap")
    seconds = parser.parse_args().seconds
    if lacking := cluster.missing():
        sys.stderr.write(f"make scan needs these Debian packages: {', '.join(lacking)}\n")
        return 1
    tools.install(PROGRAMS)
    if unseen := blind(PROGRAMS):
        sys.stderr.write(f"the scanners do not find what is there: {unseen}\n")
        return 1
    with cluster.Cluster(free_port(), throttled=False).running() as site:
        found = list(dict.fromkeys([*crawled(site.url, seconds), *injected(site.url, seconds)]))
        broken = [
            line for name in cluster.SITES for line in site.log(site.services[name]).splitlines() if _is_ours(line)
        ]
    for line in [*found, *broken[:20]]:
        sys.stdout.write(f"FOUND  {line}\n")
    sys.stdout.write(f"{len(found)} findings, {len(broken)} lines of the site's log about a fault of its own\n")
    return 1 if found or broken else 0


def blind(programs: Path) -> list[str]:
    """Which of the two misses what is wide open."""
    with careless_site() as url:
        by_wapiti = tools.wapiti(programs, url, headers={}, seconds=20)
        by_sqlmap = tools.sqlmap(programs, f"{url}?q=hong*", headers={}, dbms="sqlite")
    sys.stdout.write("".join(f"  control: {line[:150]}\n" for line in [*by_wapiti, *by_sqlmap]))
    wanted = {"SQL injection": by_wapiti, "Cross Site Scripting": by_wapiti, "sqlmap: ": by_sqlmap}
    return [kind for kind, found in wanted.items() if not any(kind.lower() in line.lower() for line in found)]


def crawled(url: str, seconds: int) -> list[str]:
    found = []
    for who, must_see in (
        (None, "/reserve/"),
        ("customer1", "/my/profile/"),
        ("staff", "/admin/reservations/reservation/"),
    ):
        sys.stdout.write(f"wapiti as {who or 'nobody'}\n")
        sys.stdout.flush()
        found += tools.wapiti(
            PROGRAMS,
            f"{url}/admin/" if who == "staff" else f"{url}/",
            headers=session(url, who),
            excluded=NOT_VISITED,
            must_see=must_see,
            seconds=seconds,
        )
    return found


def injected(url: str, seconds: int) -> list[str]:
    bearer, found = {"Authorization": f"Bearer {token(url)}"}, []
    for route, keys in FILTERS.items():
        for key in keys:
            # The mark stands inside the JSON, so that what is injected arrives as a value.
            rule = quote(f'{{"{key}":"').replace("*", "%2A") + "1*" + quote('"}')
            found += tools.sqlmap(
                PROGRAMS, f"{url}{route}?rule={rule}", headers=bearer, dbms="postgresql", seconds=2 * seconds
            )
    for who, paths in BOXES.items():
        cookies = session(url, who)
        for path in paths:
            found += tools.sqlmap(PROGRAMS, url + path, headers=cookies, dbms="postgresql", seconds=2 * seconds)
    return found


def session(url: str, userid: str | None) -> dict[str, str]:
    """The headers of that person's browser; the cookies are for HTTPS alone, so none would send them here."""
    page = requests.get(f"{url}/login/", timeout=30)
    cookies = _set(page)
    if userid is not None:
        form = {"username": userid, "password": PASSWORD, "csrfmiddlewaretoken": cookies["__Host-csrftoken"]}
        headers = {"Cookie": _sent(cookies), "Referer": url.replace("http:", "https:") + "/"}
        answer = requests.post(f"{url}/login/", form, headers=headers, allow_redirects=False, timeout=30)
        if answer.status_code != 302:
            raise RuntimeError(f"{userid} cannot sign in: {answer.status_code}")
        cookies |= _set(answer)
    return {"Cookie": _sent(cookies), "Referer": url.replace("http:", "https:") + "/"}


def token(url: str) -> str:
    keys = {"api_key": "demo-server", "api_secret": CLIENT_SECRET}
    answer = requests.post(f"{url}/payment/OAuth2.0/getToken", json=keys, timeout=30)
    return str(answer.json()["contents"]["access_token"])


def _set(answer: requests.Response) -> dict[str, str]:
    pairs = [header.split(";")[0].partition("=") for header in answer.raw.headers.getlist("Set-Cookie")]
    return {name: value for name, _, value in pairs}


def _sent(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _is_ours(line: str) -> bool:
    return '"level": "ERROR"' in line or '"status": 500' in line


if __name__ == "__main__":
    sys.exit(main())
