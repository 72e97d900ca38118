"""What a network and a gateway in trouble do to a connection."""

import contextlib
import os
import socket
import struct
import threading
import time
from io import BufferedIOBase
from typing import Final

LONGEST = 120  # seconds
DRIBBLE_PAUSE = 0.5
FLOOD: Final = b" " * 65_536  # JSON may begin with any number of them
FLOODS = 1024


def hold(connection: socket.socket, stopping: threading.Event) -> None:
    """Say nothing, until the client leaves, the sandbox stops, or it has been long enough."""
    deadline = time.monotonic() + LONGEST
    connection.settimeout(0.1)
    while time.monotonic() < deadline and not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            if not connection.recv(1, socket.MSG_PEEK):
                return
            stopping.wait(0.1)  # the client has sent more, and waits


def reset(connection: socket.socket) -> None:
    """End the connection by RST, so that the client is told of it at once."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())  # closing the object would wait for the files made of it


def dribble(out: BufferedIOBase, body: bytes, stopping: threading.Event) -> None:
    """A byte at a time."""
    deadline = time.monotonic() + LONGEST
    for byte in body:
        if stopping.wait(DRIBBLE_PAUSE) or time.monotonic() > deadline:
            return
        out.write(bytes([byte]))


def flood(out: BufferedIOBase, body: bytes, stopping: threading.Event) -> None:
    """In chunks, so that nothing says beforehand how much it will be."""
    for chunk in [*[FLOOD] * FLOODS, body, b""]:
        if stopping.is_set():
            return
        out.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
