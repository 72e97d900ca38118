"""wapiti and sqlmap: where they come from, how they are run, what of their words is a finding."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WAPITI, SQLMAP = "wapiti3==3.2.3", "sqlmap==1.10.10"
MODULES = (
    "cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,shellshock,sql,"
    "timesql,upload,xss,xxe"
)
"""All of wapiti's that need no server or data of somebody else's, and guess no names."""
INJECTION = re.compile(r"^(?:Parameter| +Title): (.+)$", re.MULTILINE)
OUTER_SECONDS = 3600
EXPECTED = {
    "HttpOnly flag is not set in the cookie : __Host-csrftoken": "/",
    'CSP "script-src" value is not safe': "/admin/",
}
"""Known, and below which path. The upload's script and the page that tries the API out read that cookie; in the admin
unfold's Alpine evaluates its own expressions."""


def install(folder: Path) -> None:
    """Both into an environment of their own, which is kept for the next time; CalledProcessError without a registry."""
    if all((folder / "bin" / tool).exists() for tool in ("wapiti", "sqlmap")):
        return
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)], check=True)
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), WAPITI, SQLMAP], check=True
    )


def wapiti(
    folder: Path,
    url: str,
    *,
    headers: Mapping[str, str],
    excluded: Iterable[str] = (),
    must_see: str = "/",
    seconds: int = 60,
) -> list[str]:
    """What it found, a line each; it crawls for four times as long as each of its modules may attack.

    That it has not been at `must_see` is a finding too: it was not signed in then.
    """
    for _attempt in range(2):  # its own SQLite is locked now and then, which ends it
        if report := _report(folder, url, headers, excluded, seconds):
            break
    else:
        return [f"wapiti ended twice without a report: {url}"]
    pages = {page["request"]["url"] for page in report["infos"]["crawled_pages"]}
    sys.stdout.write(f"  wapiti: {len(pages)} addresses\n")
    unseen = [] if any(urlsplit(page).path == must_see for page in pages) else [f"wapiti was never at {must_see}"]
    return unseen + [
        f"wapiti, {kind}: {found['method']} {found['path']} {found['parameter']}: {found['info']}"
        for group in ("vulnerabilities", "anomalies")
        for kind, all_found in report[group].items()
        for found in all_found
        if not found["path"].startswith(EXPECTED.get(found["info"], "never"))
    ]


def _report(folder: Path, url: str, headers: Mapping[str, str], excluded: Iterable[str], seconds: int) -> Any:
    with tempfile.TemporaryDirectory(prefix="wapiti-") as scratch:
        report = Path(scratch) / "report.json"
        command = [
            str(folder / "bin" / "wapiti"), "--url", url, "--module", MODULES, "--scope", "domain", "--level", "2",
            "--max-scan-time", str(4 * seconds), "--max-attack-time", str(seconds), "--tasks", "1",
            "--max-files-per-dir", "12", "--max-parameters", "12", "--flush-session", "--store-session", scratch,
            "--store-config", scratch, "--no-bugreport", "--verbose", "0", "--format", "json",
            "--detailed-report", "2", "--output", str(report),
        ]  # fmt: skip
        for name, value in headers.items():
            command += ["--header", f"{name}: {value}"]
        for path in excluded:
            command += ["--exclude", url.rstrip("/") + path]
        subprocess.run(command, capture_output=True, timeout=OUTER_SECONDS, check=False)
        return json.loads(report.read_text()) if report.exists() else None


def sqlmap(folder: Path, url: str, *, headers: Mapping[str, str], dbms: str, seconds: int = 120) -> list[str]:
    """Each place marked by `*` in the URL that takes SQL, a line each."""
    with tempfile.TemporaryDirectory(prefix="sqlmap-") as scratch:
        command = [
            str(folder / "bin" / "sqlmap"), "--url", url, "--batch", "--level", "2", "--risk", "2", "--dbms", dbms,
            "--technique", "BEUSTQ", "--time-sec", "2", "--time-limit", str(seconds), "--output-dir", scratch,
            "--flush-session", "--ignore-code", "*", "--disable-coloring", "--skip-waf", "--threads", "4",
        ]  # fmt: skip
        if headers:
            command += ["--headers", "\n".join(f"{name}: {value}" for name, value in headers.items())]
        done = subprocess.run(command, capture_output=True, text=True, timeout=OUTER_SECONDS, check=False)
    words = done.stdout + done.stderr
    tested = len(re.findall(r"testing if .*parameter", words))
    sys.stdout.write(f"  sqlmap: {url[:110]}: {tested} places\n")
    if not tested:
        return [f"sqlmap tested nothing: {url}: {words[-300:]}"]
    return [f"sqlmap: {url}: {place_or_title}" for place_or_title in INJECTION.findall(words)]
