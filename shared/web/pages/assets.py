"""The pages' own files, under an address that names their content, so that a browser may keep them for a year."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import Response, abort, request, send_from_directory

PREFIX = "/static/alongside/"

_FOLDER = Path(__file__).parent / "static"
_A_YEAR_S = 365 * 24 * 3600
_A_MOMENT_S = 300
_NAME = re.compile(r"[a-z-]+\.(css|svg)")


def asset(name: str) -> str:
    """Give the address of a file."""
    return f"{PREFIX}{name}?v={_version(name)}"


def serve_asset(name: str) -> Response:
    """Answer with a file; for a year if the address names its present content."""
    if not _NAME.fullmatch(name):
        abort(404)
    response = send_from_directory(_FOLDER, name)
    if request.args.get("v") == _version(name):
        response.headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
    else:
        response.headers["Cache-Control"] = f"public, max-age={_A_MOMENT_S}"
    return response


@lru_cache
def _version(name: str) -> str:
    return hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]
