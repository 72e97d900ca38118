"""Bytes that two readers may understand differently: whatever comes, nobody gets an answer that is not theirs."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.races import doors

pytestmark = pytest.mark.races

HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n\r\n"
"""The request that the other side should take for the body of the first, or for nothing."""


def post(*headers, body, line=b"POST /healthz HTTP/1.1"):
    return b"\r\n".join([line, b"Host: 127.0.0.1", b"X-Forwarded-Proto: https", *headers]) + b"\r\n\r\n" + body


def length(of):
    return b"Content-Length: %d" % len(of)


def chunk(of, size=None):
    return (size or b"%x" % len(of)) + b"\r\n" + of + b"\r\n"


END = b"0\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked"
IN_CHUNKS = END + HIDDEN  # to whom chunks count, the body ends before it
HELD = chunk(HIDDEN) + END  # and here it is the body

TWO_LENGTHS = {
    "CL.TE": post(length(IN_CHUNKS), CHUNKED, body=IN_CHUNKS),
    "TE.CL": post(b"Content-Length: 4", CHUNKED, body=HELD),
    "CL.CL, the longer first": post(length(HIDDEN), b"Content-Length: 0", body=HIDDEN),
    "CL.CL, the shorter first": post(b"Content-Length: 0", length(HIDDEN), body=HIDDEN),
    "CL in a list": post(b"Content-Length: 0, %d" % len(HIDDEN), body=HIDDEN),
    "CL with a sign": post(b"Content-Length: +%d" % len(HIDDEN), body=HIDDEN),
    "CL below zero": post(b"Content-Length: -1", body=HIDDEN),
    "CL in hexadecimal": post(b"Content-Length: 0x%x" % len(HIDDEN), body=HIDDEN),
    "CL with an underscore": post(b"Content-Length: 1_0", body=HIDDEN),
    "CL with a space inside": post(b"Content-Length: %d 0" % len(HIDDEN), body=HIDDEN),
    "CL with a space before the colon": post(b"Content-Length : %d" % len(HIDDEN), body=HIDDEN),
    "CL that overflows": post(b"Content-Length: 18446744073709551616", body=HIDDEN),
    "CL with a vertical tab": post(b"Content-Length:\x0b%d" % len(HIDDEN), body=HIDDEN),
    "CL folded": post(b"Content-Length:\r\n %d" % len(HIDDEN), body=HIDDEN),
    "CL of HTTP/1.0 with TE": post(length(IN_CHUNKS), CHUNKED, body=IN_CHUNKS, line=b"POST /healthz HTTP/1.0"),
}
HIDDEN_CODINGS = {
    f"TE {coding!r}": post(length(IN_CHUNKS), coding, body=IN_CHUNKS)
    for coding in (
        b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding:\x0bchunked",
        b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: identity, chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x", b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: \"chunked\"", b"Transfer-Encoding:\r\n chunked", b"X: x\nTransfer-Encoding: chunked",
        b"X: x\rTransfer-Encoding: chunked", b" Transfer-Encoding: chunked", b"Transfer\x00-Encoding: chunked",
        b"Transfer_Encoding: chunked", b"Transfer-Encoding: CHUNKED", b"Transfer-Encoding: chunked;a=b",
        b"Transfer-Encoding: chun\xe2\x80\x8bked", b"Transfer-Encoding: gzip, chunked", b"Transfer-encoding: cow",
    )
}  # fmt: skip
CHUNKS = {
    "a chunk's size with a sign": post(CHUNKED, body=chunk(HIDDEN, b"+%x" % len(HIDDEN)) + END),
    "a chunk's size with 0x": post(CHUNKED, body=chunk(HIDDEN, b"0x%x" % len(HIDDEN)) + END),
    "a chunk's size with an underscore": post(CHUNKED, body=chunk(HIDDEN, b"1_0") + END),
    "a chunk's size that overflows": post(CHUNKED, body=chunk(HIDDEN, b"1" + b"0" * 16) + END),
    "a chunk's size below zero": post(CHUNKED, body=chunk(HIDDEN, b"-1") + END),
    "a chunk's extension with a bare LF": post(CHUNKED, body=b"2;\nxx\r\n" + chunk(HIDDEN) + END),
    "a chunk longer than it says": post(CHUNKED, body=b"1\r\nxx" + END + HIDDEN),
    "a chunk that ends in LF": post(CHUNKED, body=b"1\nx\n" + b"0\n\n" + HIDDEN[:-1]),
    "a chunk that ends in anything": post(CHUNKED, body=b"1\r\nx##" + chunk(HIDDEN) + END),
    "a trailer that is a length": post(CHUNKED, body=b"0\r\nContent-Length: 90\r\n\r\n"),
    "no last chunk": post(CHUNKED, body=chunk(HIDDEN)),
}
LINES = {
    "a bare LF in the head": b"GET /healthz HTTP/1.1\nHost: 127.0.0.1\nX-Forwarded-Proto: https\nContent-Length: %d\n\n"
    % len(HIDDEN)
    + HIDDEN,
    "a bare CR in the head": post(b"X: a\r\rGET /smuggled HTTP/1.1", body=b""),
    "a NUL in a value": post(b"X: a\x00b", length(HIDDEN), body=HIDDEN),
    "a space before the first header": b"GET /healthz HTTP/1.1\r\n Content-Length: 0\r\nHost: 127.0.0.1\r\n\r\n",
    "a body of GET": post(length(HIDDEN), body=HIDDEN, line=b"GET /healthz HTTP/1.1"),
    "a body of HEAD": post(length(HIDDEN), body=HIDDEN, line=b"HEAD /healthz HTTP/1.1"),
    "a body of what is a redirect": post(length(HIDDEN), body=HIDDEN, line=b"POST /my/ HTTP/1.1"),
    "a body of a static file": post(length(HIDDEN), body=HIDDEN, line=b"GET /static/css/site.css HTTP/1.1"),
    "a request line inside the target": post(body=b"", line=b"GET /%20HTTP/1.1%0d%0aX:%20GET%20/smuggled HTTP/1.1"),
    "HTTP/0.9": b"GET /healthz\r\n\r\n" + HIDDEN,
    "HTTP/2.0 in words": post(length(HIDDEN), body=HIDDEN, line=b"POST /healthz HTTP/2.0"),
    "an upgrade to h2c": post(
        b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        length(HIDDEN), body=HIDDEN,
    ),
    "an upgrade to websocket": post(b"Connection: Upgrade", b"Upgrade: websocket", length(HIDDEN), body=HIDDEN),
    "an expectation": post(b"Expect: 100-continue", length(HIDDEN), body=HIDDEN),
    "Content-Length that Connection takes away": post(b"Connection: Content-Length", length(HIDDEN), body=HIDDEN),
}  # fmt: skip
ATTACKS = TWO_LENGTHS | HIDDEN_CODINGS | CHUNKS | LINES


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory):
    with doors.gunicorn(tmp_path_factory.mktemp("direct")) as door:
        yield door


@pytest.fixture(scope="module")
def behind_nginx(tmp_path_factory):
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    with doors.gunicorn(tmp_path_factory.mktemp("behind"), proxies=1) as site, doors.nginx(site) as door:
        yield door


@pytest.fixture(scope="module", params=["gunicorn", "behind_nginx"])
def door(request):
    return request.getfixturevalue(request.param)


def test_the_hidden_request_is_seen_when_it_is_not_hidden(door):
    assert len(door.statuses(post(body=b"", line=b"GET /healthz HTTP/1.1") + HIDDEN)) == 2
    assert len(door.answered("/smuggled", some=True)) == 1


def test_no_second_request_is_taken_out_of_the_first(door):
    before = door.answered("/smuggled")
    with ThreadPoolExecutor(8) as pool:
        told = dict(zip(ATTACKS, pool.map(door.statuses, ATTACKS.values()), strict=True))

    # What is left of a body that nobody read may be refused, which ends the connection; it is never obeyed.
    assert {name: statuses for name, statuses in told.items() if set(statuses[1:]) - {400}} == {}
    assert door.answered("/smuggled") == before
    assert {name for name, statuses in told.items() if 500 in statuses} == set()


def test_between_attacks_everybody_gets_their_own_answer(door):
    def attack_and_ask(number):
        name = list(ATTACKS)[number % len(ATTACKS)]
        with door.connect() as connection:
            connection.sendall(ATTACKS[name])
        return door.ask(number)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(attack_and_ask, range(3 * len(ATTACKS))))


@pytest.mark.parametrize(
    "lines",
    [
        [b"Host: evil.example"],
        [b"Host: 127.0.0.1", b"Host: evil.example"],
        [b"Host: evil.example", b"Host: 127.0.0.1"],
        [b"Host: 127.0.0.1, evil.example"],
        [b"Host: 127.0.0.1 evil.example"],
        [b"Host: 127.0.0.1@evil.example"],
        [b"Host: 127.0.0.1:80@evil.example"],
        [b"Host: evil.example#127.0.0.1"],
        [b"Host:"],
    ],
)
def test_a_foreign_host_is_nobodys(lines, door):
    raw = (
        b"\r\n".join([b"GET /healthz HTTP/1.1", *lines, b"X-Forwarded-Proto: https", b"Connection: close"])
        + b"\r\n\r\n"
    )

    told = door.talk(raw)

    assert told[9:12] == b"400"
    assert b"evil" not in told


@pytest.mark.parametrize(
    "header",
    [
        b"X-Forwarded-Host: evil.example",
        b"Forwarded: host=evil.example",
        b"X-Original-URL: /smuggled",
        b"X-Rewrite-URL: /smuggled",
    ],
)
def test_who_is_asked_and_for_what_stands_in_one_place(header, door):
    told = door.talk(post(header, b"Connection: close", body=b"", line=b"GET /my/ HTTP/1.1"))

    assert told[9:12] == b"302"
    assert b"\r\nLocation: /login/?next=/my/\r\n" in told


def test_a_whole_url_as_the_target_names_no_other_host(door):
    told = door.talk(post(b"Connection: close", body=b"", line=b"GET http://evil.example/my/ HTTP/1.1"))

    assert told[9:12] in (b"302", b"400")
    assert b"evil" not in told


def test_a_header_with_an_underscore_is_no_header(door):
    told = door.talk(
        post(
            b"X_Request_ID: an-underscored-id",
            b"X_Forwarded_For: 6.6.6.6",
            b"Connection: close",
            body=b"",
            line=b"GET /healthz HTTP/1.1",
        )
    )

    assert told[9:12] == b"200"
    assert b"an-underscored-id" not in told


def test_nobody_tells_which_version_of_what_answers(door):
    for raw in (post(b"Connection: close", body=b"", line=b"GET /healthz HTTP/1.1"), b"x\r\n\r\n"):
        told = door.talk(raw).lower()
        server = [line for line in told.split(b"\r\n") if line.startswith(b"server:")]
        assert server in ([b"server: nginx"], [b"server: gunicorn"], [])
        assert b"python" not in told


def test_the_proxy_tells_who_came_and_not_what_they_say_of_themselves(behind_nginx):
    headers = [b"X-Forwarded-For: 6.6.6.6", b"Connection: close"]

    behind_nginx.talk(post(*headers, body=b"", line=b"GET /robots.txt HTTP/1.1"))

    assert behind_nginx.answered("/robots.txt", some=True) == ["/robots.txt HTTP/1.1|6.6.6.6, 127.0.0.1|127.0.0.1"]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + b"a=b; " * 20_000 + b"\r\n\r\n",
    ],
    ids=["target", "value", "number", "cookie"],
)
def test_a_head_without_end_is_refused(head, door):
    assert set(door.statuses(head)) <= {400, 414, 431, 494}
    assert door.ask(1)
