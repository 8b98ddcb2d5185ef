"""What somebody else's authenticator app would show: by oathtool, and where that is not, by cryptography's own maker.

The portal itself uses pyotp; neither of these two shares a line with it.
"""

import base64
import shutil
import subprocess
from datetime import UTC, datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30


def app_code(secret: str, at: datetime) -> str:
    """The six digits at a moment; the key is as a person copies it, blanks and all."""
    key = secret.replace(" ", "")
    if shutil.which("oathtool"):
        return by_oathtool(key, at)
    return by_cryptography(key, at)


def by_oathtool(key: str, at: datetime) -> str:
    moment = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    command = ["oathtool", "--totp", "--base32", f"--now={moment}", key]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def by_cryptography(key: str, at: datetime) -> str:
    bits = base64.b32decode(key + "=" * (-len(key) % 8))
    made = TOTP(bits, 6, SHA1(), STEP, enforce_key_length=False)  # noqa: S303  # the algorithm of RFC 6238 and of apps
    return made.generate(int(at.timestamp())).decode()
