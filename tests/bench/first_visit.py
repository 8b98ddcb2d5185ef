"""What a browser that was never here takes in for its first page, headers too."""

import re
import socket
from urllib.parse import urljoin


def first_visit(port: int) -> tuple[int, int]:
    """Bytes from the server for the first page with everything it asks for, and the number of requests."""
    body, total = _fetch(port, "/")
    page = body.decode(errors="replace") if not body.startswith(b"\x1f\x8b") else _unpacked(body).decode()
    named = re.findall(r'<(?:link|script|img|use)\b[^>]*\b(?:href|src)="(/static/[^"#]+)', page)
    for path in dict.fromkeys(urljoin("/", one) for one in named):
        total += _fetch(port, path)[1]
    return total, 1 + len(set(named))


def _unpacked(body: bytes) -> bytes:
    import gzip

    return gzip.decompress(body)


def _fetch(port: int, path: str) -> tuple[bytes, int]:
    """The body of one answer, and every byte of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept-Encoding: gzip\r\n"
            "Accept-Language: nl\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        raise RuntimeError("an answer in chunks: its length cannot be told")
    return body, len(answer)
