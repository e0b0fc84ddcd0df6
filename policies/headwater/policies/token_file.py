"""Reads a bearer token from its file, which nobody else may read.

Who can read the token can ask OPA as we do. A warning in a pipeline is read by nobody, and one
``chmod`` is all that it takes, so a file that every account of the machine may read or write is
refused, not warned about; its group may read it, as mounted secrets are given out that way. Links
are followed, since mounted secrets are replaced by moving one: what is judged is the file that was
opened, not the name. It is opened without waiting, so that a pipe cannot hold us up.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, NoReturn

from headwater.catalog.errors import InputError
from headwater.catalog.problems import problem
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from pathlib import Path

MAX_TOKEN = 8192
_TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]{1,8192}=*")
_OTHERS = stat.S_IROTH | stat.S_IWOTH
_NOT_A_FILE = Text("it is not a file", "它不是文件")
_OPEN = Text(
    "every account of this machine may read or write it: chmod o-rw",
    "本机所有账户都可读取或写入它：请执行 chmod o-rw",
)
_EMPTY = Text("it holds no token", "其中没有令牌")
_LONG = Text("it is too long for a token", "对令牌来说过长")


def read_token(path: Path) -> str:
    """Return the token that the file holds, and nothing else.

    Raises:
        InputError: It cannot be read, is open to others, is no file, or holds no token.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "-"
        _refuse(path, Text(said, said))
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            _refuse(path, _NOT_A_FILE)
        if os.name == "posix" and mode & _OTHERS:
            _refuse(path, _OPEN)
        data = os.read(handle, MAX_TOKEN + 3)
    finally:
        os.close(handle)
    if len(data) > MAX_TOKEN + 2:  # a line end may follow
        _refuse(path, _LONG)
    token = data.strip()
    if not _TOKEN.fullmatch(token):
        _refuse(path, _EMPTY)
    return token.decode()


def _refuse(path: Path, reason: Text) -> NoReturn:
    """Say what is wrong with the file; never what stands in it."""
    raise InputError([problem("opa-file", key="token_file", path=str(path), reason=reason)])
