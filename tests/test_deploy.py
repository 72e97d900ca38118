"""What deploy/ tells other machines to run is what this repository has."""

import http.client
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
import yaml

from deploy import cluster
from tests.servers import free_port, wait_until_listening

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
OF_THE_MACHINES = {"POSTGRES_PASSWORD", "PORT"}


@pytest.mark.parametrize("name", ["site", "worker", "beat"])
def test_a_unit_starts_a_program_of_requirements_with_the_same_command_as_a_container(name):
    program, *arguments = cluster.unit(name)

    assert Path(program).exists()
    service = COMPOSE["services"][name]
    contained = service.get("command", ["gunicorn", "cody_site.wsgi"])  # the image's own
    assert contained == [Path(program).name, *arguments]


def test_every_variable_of_the_containers_is_one_that_the_site_knows():
    known = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)) | OF_THE_MACHINES
    for name in ("site", "worker", "beat", "migrate"):
        assert set(COMPOSE["services"][name]["environment"]) <= known
    told = re.findall(r"\$\{([A-Z_]+)", (ROOT / "deploy/compose.yaml").read_text())
    assert set(told) <= known


def test_nothing_in_the_containers_may_write_or_gain_rights():
    for name in ("site", "worker", "beat", "migrate"):
        service = COMPOSE["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert re.search(r"^USER 10001$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)


def test_nginx_finds_everything_in_its_configuration(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "HOME", tmp_path)

    assert "${" not in cluster.nginx(8000, [8001, 8002]).replace("${LIKE_THIS}", "")


@pytest.fixture
def before_nobody(tmp_path, monkeypatch):
    """The address of an nginx whose sites are all down."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    monkeypatch.setattr(cluster, "HOME", tmp_path)
    (tmp_path / "var").mkdir()
    port = free_port()
    (tmp_path / "nginx.conf").write_text(cluster.nginx(port, [free_port(), free_port()]))
    command = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as nginx:
        try:
            wait_until_listening(nginx, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            nginx.terminate()


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_what_nginx_answers_instead_of_the_site_is_in_the_envelope(before_nobody, method):
    answer = requests.request(method, f"{before_nobody}/reserv", timeout=20)

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/json; charset=utf-8")
    assert answer.json() == {"status": 503, "contents": None, "errors": "serviceNotReady"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_people_are_shown_a_page_where_the_site_is_down(before_nobody, method):
    answer = requests.request(method, f"{before_nobody}/reserve/", headers={"Accept": "text/html"}, timeout=20)

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert '<html lang="ko">' in answer.text
    assert answer.headers["Retry-After"] == "2"


def test_what_is_too_large_for_nginx_is_told_in_the_envelope(before_nobody):
    with socket.create_connection(("127.0.0.1", int(before_nobody.rpartition(":")[2])), timeout=20) as connection:
        connection.sendall(b"POST /photo_u HTTP/1.1\r\nHost: salon\r\nContent-Length: 50000000\r\n\r\n")
        told = connection.recv(4096).decode()

    assert told.startswith("HTTP/1.1 413 ")
    assert told.endswith('{"status":413,"contents":null,"errors":"ERR: Request too large."}')


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path):
    for unit in (ROOT / "deploy/systemd").iterdir():
        text = unit.read_text().replace(cluster.INSTALLED, f"{Path(sys.executable).parent}/")
        (tmp_path / unit.name).write_text(text)

    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )

    of_ours = [line for line in told.stderr.splitlines() if "cdeday" in line]
    assert (told.returncode, of_ours) == (0, [])


def test_uploads_may_be_as_large_behind_nginx_as_the_site_takes_them(settings):
    allowed = re.search(r"client_max_body_size (\d+)m;", (ROOT / "deploy/nginx/site.conf.template").read_text())

    assert int(allowed[1]) * 1024 * 1024 >= settings.PHOTO_MAX_BYTES + 2 * 1024 * 1024


def test_nginx_shows_nobody_the_metrics_however_they_are_spelled(before_nobody):
    asked = {}
    for path in ("/metrics", "//metrics", "/%6detrics", "/x/../metrics", "/metrics?a=b", "/healthz"):
        connection = http.client.HTTPConnection(before_nobody.removeprefix("http://"), timeout=20)
        connection.request("GET", path)  # as it is: other clients would tidy the path
        answer = connection.getresponse()
        asked[path], told = answer.status, answer.read()
        connection.close()
    assert asked.pop("/healthz") == 503  # the control: nobody is behind it, and what it passes on says so
    assert told == b'{"status":503,"contents":null,"errors":"serviceNotReady"}'
    assert set(asked.values()) == {404}


def test_nginx_writes_down_neither_paths_nor_queries(before_nobody, tmp_path):
    for path in ("/password/MQ/the-secret-of-a-mail/", "/user?rule=the-secret-of-a-query", "/" + "the-secret" * 9999):
        requests.get(before_nobody + path, headers={"Referer": f"{before_nobody}/the-secret"}, timeout=30)

    log = tmp_path / "nginx-access.log"
    deadline = time.monotonic() + 30
    while len(lines := log.read_text().splitlines()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)  # a line is written after its answer
    assert [line.split()[1:4] for line in lines] == [
        ["127.0.0.1", "GET", "503"], ["127.0.0.1", "GET", "503"], ["127.0.0.1", "GET", "400"],
    ]  # fmt: skip
    assert "the-secret" not in "".join(lines)
