"""Who sends or reads slowly holds nobody up: nginx takes in the whole request, and the whole answer."""

import shutil
from contextlib import ExitStack

import pytest

from tests.races import doors

pytestmark = [pytest.mark.races, pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")]

THREADS = 8
HEAD = b"POST /user HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nContent-Type: application/json\r\n"
UPLOAD = HEAD.replace(b"/user", b"/photo_u").replace(b"application/json", b"multipart/form-data; boundary=b")
READ = b"GET /schema.json HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n\r\n"
SLOW = {
    "half a head": HEAD,
    "half a body": HEAD + b'Content-Length: 900\r\n\r\n{"userid":',
    "a chunk without an end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
    "half an upload": UPLOAD + b"Content-Length: 90000\r\n\r\n--b\r\nContent-Disposition: form-data; name=",
    "answers that nobody reads": READ * 40,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with doors.gunicorn(tmp_path_factory.mktemp("site"), proxies=1) as door:
        yield door


def hold(door, stack, what, count):
    for _time in range(count):
        stack.enter_context(door.connect()).sendall(SLOW[what])


@pytest.mark.parametrize("what", SLOW)
def test_nobody_waits_for_the_slow(what, site):
    with doors.nginx(site) as door, ExitStack() as stack:
        hold(door, stack, what, 3 * THREADS)

        assert all(door.ask(number) for number in range(2 * THREADS))


def test_without_nginx_a_thread_waits_for_each_of_them(site):
    with ExitStack() as stack:
        hold(site, stack, "half a body", THREADS)

        assert not site.ask(1, doors.SILENT)

    while not site.ask(2):  # they have gone, and the threads are free again
        pass
