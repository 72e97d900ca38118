"""wapiti and sqlmap: where they come from, how they are run, what of their words is a finding."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

WAPITI, SQLMAP = "wapiti3==3.2.3", "sqlmap==1.10.10"
MODULES = (
    "cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,shellshock,sql,"
    "timesql,upload,xss,xxe"
)
"""All of wapiti's that need no server or data of somebody else's, and guess no names."""
INJECTION = re.compile(r"^Parameter: (.+)\n(?:.*\n)*?\s+Title: (.+)$", re.MULTILINE)
OUTER_SECONDS = 1200


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
    folder: Path, url: str, *, headers: Mapping[str, str], excluded: Iterable[str] = (), seconds: int = 60
) -> list[str]:
    """What it found, a line each; it crawls for four times as long as each of its modules may attack."""
    with tempfile.TemporaryDirectory(prefix="wapiti-") as scratch:
        report = Path(scratch) / "report.json"
        command = [
            str(folder / "bin" / "wapiti"), "--url", url, "--module", MODULES, "--scope", "domain", "--level", "2",
            "--max-scan-time", str(4 * seconds), "--max-attack-time", str(seconds), "--tasks", "4",
            "--max-files-per-dir", "12", "--max-parameters", "12", "--drop-set-cookie", "--flush-session",
            "--store-session", scratch, "--store-config", scratch, "--no-bugreport", "--verbose", "0",
            "--format", "json", "--output", str(report),
        ]  # fmt: skip
        for name, value in headers.items():
            command += ["--header", f"{name}: {value}"]
        for path in excluded:
            command += ["--exclude", url.rstrip("/") + path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=OUTER_SECONDS, check=False)
        if not report.exists():
            return [f"wapiti ended without a report: {(done.stderr or done.stdout)[-500:]}"]
        told = json.loads(report.read_text())
    sys.stdout.write(f"  wapiti: {told['infos'].get('crawled_pages_nbr', '?')} requests of its own found\n")
    return [
        f"wapiti, {kind}: {found['method']} {found['path']} {found['parameter']}: {found['info']}"
        for group in ("vulnerabilities", "anomalies")
        for kind, all_found in told[group].items()
        for found in all_found
    ]


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
    return [f"sqlmap: {url}: {place}: {title}" for place, title in INJECTION.findall(words)]
