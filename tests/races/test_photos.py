"""Photos over real HTTP: one many times at once, one that is far too large, and hostile ones in a browser."""

import contextlib
import http.client
import http.server
import json
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from media_store.tests.pictures import HTML, SVG, animated, picture
from tests.races.salon import ADMINISTRATOR, CUSTOMERS, PASSWORD

pytestmark = pytest.mark.races

GIGABYTE = 1 << 30
DEED = "fetch('/executed');alert('executed')"
SCRIPT = f"<script>{DEED}</script>".encode()
HOSTILE = {
    "page.html": HTML + SCRIPT,
    "page.png": HTML + SCRIPT,
    "drawing.svg": SVG.replace(b"</svg>", SCRIPT + b"</svg>"),
    "drawing.png": SVG.replace(b"</svg>", SCRIPT + b"</svg>"),
    "script.js": DEED.encode(),
    "polyglot.gif": animated() + SCRIPT,
    "GIF89a.gif": b"GIF89a=1;" + DEED.encode(),
    "comment.jpg": picture("JPEG", comment=SCRIPT),
    "behind.png": picture("PNG") + SCRIPT,
    "xhtml.xml": b'<html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html>",
}


def stored(site):
    return [path for path in site.media.rglob("*") if path.is_file()]


def upload(site, body, name="a.png", userid=CUSTOMERS[0]):
    with site.api() as api:
        return api.post("/photo_u", data={"userid": userid}, files={"file": (name, body)})


def test_the_same_photo_many_times_at_once_is_kept_once(site):
    for number in range(5):
        before, start = len(stored(site)), threading.Barrier(12)
        body = picture(color=(number, 10, 10))

        def send(_, body=body, start=start):
            start.wait(timeout=60)
            return upload(site, body)

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(send, range(12)))

        assert Counter(answer.status_code for answer in answers) == {200: 1, 403: 11}
        assert len({answer.json()["contents"]["photoid"] for answer in answers}) == 1
        assert len(stored(site)) == before + 1
    assert len(site.processes()) == 2


@pytest.mark.parametrize("length", [f"Content-Length: {GIGABYTE}", "Transfer-Encoding: chunked"])
def test_a_gigabyte_is_refused_before_it_is_sent(site, length):
    before = stored(site)
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as connection:
        head = (
            f"POST /photo_u HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {site.token}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\n{length}\r\n\r\n"
        )
        connection.sendall(head.encode())
        sent = 0
        with contextlib.suppress(OSError):
            connection.settimeout(0.2)
            while b"chunked" in head.encode() and sent < GIGABYTE:
                connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                sent += 0x10000
        connection.settimeout(30)
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            told = json.loads(answer.read())

    assert (answer.status, told["contents"]) in [(413, None), (400, None)]
    assert sent < 50 * 1024 * 1024
    assert stored(site) == before


def test_a_photo_that_is_too_large_is_refused_and_not_stored(site):
    before = stored(site)

    answer = upload(site, b"x" * (20 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["errors"]) == (413, "ERR: File too large.")
    assert stored(site) == before


# ---------------------------------------------------------------- in a browser


class Deeds:
    """What the pages of a browser's context do that only an executed script does."""

    def __init__(self, context):
        self.seen = []
        context.on("request", lambda request: "/executed" in request.url and self.seen.append(request.url))
        context.on("page", self._watch)

    def _watch(self, page):
        page.on("dialog", lambda dialog: (self.seen.append(dialog.message), dialog.dismiss()))


@pytest.fixture
def elsewhere():
    """A site that serves the same files as they are."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(HOSTILE["page.html"])

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def opened(page, url):
    """Go there; a download instead of a page is fine."""
    from playwright.sync_api import Error  # noqa: PLC0415

    with contextlib.suppress(Error):
        page.goto(url)
    page.wait_for_timeout(150)


EMBED = """([url]) => {
    for (const [tag, attribute] of [["script", "src"], ["iframe", "src"], ["embed", "src"], ["object", "data"]]) {
        const element = document.createElement(tag);
        element[attribute] = url;
        document.body.append(element);
    }
}"""


def test_nothing_executes_in_the_sites_origin(site, chromium, elsewhere):
    base = f"http://127.0.0.1:{site.port}"
    photoids = {}
    for name, body in HOSTILE.items():
        answer = upload(site, body, name, userid=ADMINISTRATOR)
        photoids[name] = answer.json()["contents"]["photoid"]

    with chromium.new_context(bypass_csp=True) as control:
        deeds = Deeds(control)
        opened(control.new_page(), elsewhere)
        assert {"executed", f"{elsewhere}executed"} <= set(deeds.seen)  # what is looked for below would be seen

    for bypass_csp in (False, True):  # without the pages' own policy, embedding is up to the photo alone
        with chromium.new_context(bypass_csp=bypass_csp) as context:
            page = context.new_page()
            page.goto(f"{base}/login/")
            page.fill("[name=username]", ADMINISTRATOR)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
            deeds = Deeds(context)
            for name, photoid in photoids.items():
                url = f"{base}/photo_w?photoid={photoid}"
                assert context.request.get(url).status == 200, name
                if not bypass_csp:
                    opened(context.new_page(), url)
                page.goto(f"{base}/login/")
                page.evaluate(EMBED, [url])
                page.wait_for_timeout(150)
            assert deeds.seen == []
