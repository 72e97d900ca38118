"""What deploy/ tells other machines to run is what this repository has."""

import http.client
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
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


def test_nginx_takes_the_configuration(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "HOME", tmp_path)
    (tmp_path / "nginx.conf").write_text(cluster.nginx(8000, [8001, 8002]))

    assert "${" not in (tmp_path / "nginx.conf").read_text().replace("${LIKE_THIS}", "")
    if shutil.which("nginx"):
        told = subprocess.run(
            ["nginx", "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)], capture_output=True, check=False
        )
        assert told.returncode == 0, told.stderr.decode()


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


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_shows_nobody_the_metrics_however_they_are_spelled(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "HOME", tmp_path)
    port, nobody = free_port(), free_port()
    (tmp_path / "nginx.conf").write_text(cluster.nginx(port, [nobody]))
    with subprocess.Popen(["nginx", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]) as nginx:
        try:
            wait_until_listening(nginx, port)
            asked = {}
            for path in ("/metrics", "//metrics", "/%6detrics", "/x/../metrics", "/metrics?a=b", "/healthz"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", path)  # as it is: other clients would tidy the path
                answer = connection.getresponse()
                asked[path], told = answer.status, answer.read()
                connection.close()
        finally:
            nginx.terminate()
    assert asked.pop("/healthz") == 503  # the control: nobody is behind it, and what it passes on says so
    assert told == b'{"status":503,"contents":null,"errors":"serviceNotReady"}'
    assert set(asked.values()) == {404}
