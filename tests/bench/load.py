"""Load from outside: wrk, which takes part of the same cores, on whatever is measured alike."""

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 2
KEY = "KEY"
"""In a body, where each request puts a key of its own: a form sent twice would be one act."""

SCRIPT = r"""
local visits, sent = {}, 0
local function key()
  local function hex(digits) return string.format("%0" .. digits .. "x", math.random(0, 16 ^ digits - 1)) end
  return hex(4) .. hex(4) .. "-" .. hex(4) .. "-4" .. hex(3) .. "-8" .. hex(3) .. "-" .. hex(4) .. hex(4) .. hex(4)
end
function init(arguments)
  math.randomseed(tonumber(arguments[2]))
  for line in io.lines(arguments[1]) do
    local parts = {}
    for part in (line .. "\t"):gmatch("(.-)\t") do parts[#parts + 1] = part end
    visits[#visits + 1] = parts
  end
end
function request()
  local one = visits[sent % #visits + 1]
  local bodies, turn = #one - 3, math.floor(sent / #visits)
  sent = sent + 1
  local headers = { Cookie = one[2], Origin = one[3] }
  if bodies == 0 then return wrk.format("GET", one[1], headers) end
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  return wrk.format("POST", one[1], headers, (one[4 + turn % bodies]:gsub("KEY", key())))
end
function done(summary, latency, requests)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    '\n{"answers": %d, "rate": %f, "half": %f, "most": %f, "lost": %d}\n', summary.requests,
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, lost))
end
"""


@dataclass(frozen=True)
class Visited:
    """One kind of request: who sends it, where to, and for a form the bodies that are sent in turn."""

    path: str
    cookie: str = ""
    origin: str = ""
    bodies: Sequence[str] = ()


@dataclass(frozen=True)
class Seen:
    """What a few seconds of load showed: answers a second, and milliseconds for half and for 99 % of the answers."""

    answers: int
    rate: float
    half: float
    most: float


def refuse_without_wrk() -> None:
    if shutil.which("wrk") is None:
        sys.exit(
            "make bench needs wrk: apt-get install wrk. What Python can send is too little to measure a bare page."
        )


@contextmanager
def script() -> Iterator[Path]:
    """The script on disk, in a folder for the lists of visits."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "visits.lua"
        path.write_text(SCRIPT)
        yield path


def press(base_url: str, visits: Sequence[Visited], lua: Path, *, connections: int, seconds: int = SECONDS) -> Seen:
    """Send these requests round and round; an answer of 400 or worse, or none, ends the bench."""
    rows = ["\t".join([one.path, one.cookie, one.origin, *one.bodies]) for one in visits]
    sheet = lua.with_name("visits")
    sheet.write_text("\n".join(rows))
    seed = str(random.randrange(2**31))  # noqa: S311 - keys of a bench
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(lua), base_url]
    done = subprocess.run([*command, "--", str(sheet), seed], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    if found.pop("lost"):
        sys.exit(f"not every request to {visits[0].path} was answered well:\n{done.stdout}")
    return Seen(**found)
