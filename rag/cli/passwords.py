"""One password for the page, kept as what scrypt makes of it (RFC 7914), and the token a browser may keep instead.

A kept password is one line, ``scrypt$LOG2N$R$P$SALT$KEY``, salt and key in hexadecimal: the costs are in it, so that
they can be raised without making old lines useless.
"""

import hashlib
import hmac
import secrets
import time

from rag.errors import ConfigFault

_LOG2N, _R, _P = 15, 8, 1  # 32 MB and some 60 ms a guess
_MOST_MEMORY = 128 * 1024 * 1024
DAYS = 7


def keep(password: str) -> str:
    """The line for `password` in vouch.toml; another one each time."""
    salt = secrets.token_bytes(16)
    return f"scrypt${_LOG2N}${_R}${_P}${salt.hex()}${_key(password, salt, _LOG2N, _R, _P).hex()}"


def fits(password: str, kept: str) -> bool:
    """Whether `kept` was made of `password`. Raises ConfigFault where it is no such line."""
    log2n, r, p, salt, key = _parts(kept)
    return hmac.compare_digest(_key(password, salt, log2n, r, p), key)


def token(kept: str, now: float | None = None) -> str:
    """What a browser may show for `DAYS` days instead of the password; another password makes it useless."""
    until = int((time.time() if now is None else now) + DAYS * 86400)
    return f"{until}.{_sign(kept, until)}"


def holds(shown: str, kept: str, now: float | None = None) -> bool:
    """Whether `shown` is a token for the password that is kept now, and its days are not over."""
    until, _, signed = shown.partition(".")
    if not (until.isascii() and until.isdecimal() and len(until) < 16):
        return False
    fresh = int(until) > (time.time() if now is None else now)
    return hmac.compare_digest(signed.encode(), _sign(kept, int(until)).encode()) and fresh


def _sign(kept: str, until: int) -> str:
    return hmac.new(kept.encode(), f"vouch until {until}".encode(), "sha256").hexdigest()


def _key(password: str, salt: bytes, log2n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << log2n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=32)


def _parts(kept: str) -> tuple[int, int, int, bytes, bytes]:
    try:
        name, log2n, r, p, salt, key = kept.split("$")
        costs = int(log2n), int(r), int(p)
        if (
            name != "scrypt"
            or not (10 <= costs[0] <= 16 and 1 <= costs[1] <= 8 and 1 <= costs[2] <= 4)
            or len(key) < 64
        ):
            raise ValueError
        return *costs, bytes.fromhex(salt), bytes.fromhex(key)
    except ValueError as error:
        raise ConfigFault("config.password") from error
