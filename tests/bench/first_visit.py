"""What a browser that was never here takes in for its first page, headers too."""

import gzip
import re
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urljoin


def first_visit(port: int) -> tuple[int, int, int]:
    """Of the first page with everything it asks for: bytes of the bodies, bytes with headers, number of requests."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        page, bare, whole = _fetch(connection, "/")
        named = re.findall(r'<(?:link|script|img|use)\b[^>]*\b(?:href|src)="(/static/[^"#]+)', page.decode())
        paths = list(dict.fromkeys(urljoin("/", one) for one in named))
        for path in paths:
            _, body, headed = _fetch(connection, path)
            bare, whole = bare + body, whole + headed
    return bare, whole, 1 + len(paths)


def _fetch(connection: HTTPConnection, path: str) -> tuple[bytes, int, int]:
    """What an answer says, the bytes of its body on the way, and those with its headers."""
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "Accept-Language": "nl"})
    answer = connection.getresponse()
    body = answer.read()
    head = len(f"HTTP/1.1 {answer.status} {answer.reason}\r\n\r\n")
    head += sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.getheaders())
    said = gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
    return said, len(body), head + len(body)
