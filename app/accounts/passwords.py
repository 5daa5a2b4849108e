"""Passwords: argon2id with the parameters of RFC 9106's second recommendation, one check at a time."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from data.problem import DuijieError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 128
"""Characters. The upper end bounds the work that a stranger can order."""
NOTHING = "!"
"""Stands for a hash where an account has no password, because a provider logs it in."""
_one_at_a_time = threading.Lock()


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _dummy() -> str:
    return _hasher().hash("duijie")


def check_password(password: str, name: str) -> None:
    """Refuse a password that is too short, too long, or hardly more than the name.

    Raises
    ------
    DuijieError
        ``password.weak``.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise DuijieError(
            "password.weak",
            f"密码须为 {SHORTEST}–{LONGEST} 个字符 / a password takes {SHORTEST} to {LONGEST} characters",
        )
    if len(set(password)) < 4 or name.casefold() in password.casefold():
        raise DuijieError("password.weak", "密码过于简单 / the password is too simple", "no name, no repetition")


def hash_password(password: str) -> str:
    """The hash to keep."""
    return _hasher().hash(password)


def verify(hashed: str | None, password: str) -> bool:
    """Whether the password is the one; takes as long for an account that does not exist (None) or has no password.

    Checks run one after another, so that a flood of them cannot take the machine's memory.
    """
    from argon2.exceptions import Argon2Error, InvalidHashError

    known = hashed is not None and hashed != NOTHING
    with _one_at_a_time:
        try:
            return _hasher().verify(hashed if known and hashed else _dummy(), password[:LONGEST]) and known
        except (Argon2Error, InvalidHashError):
            return False
