"""JSON from strangers: read whole or refused with one line."""

import json
from pathlib import Path
from typing import Any

from pipeline.errors import AkdError


def read_json(path: Path, failure: type[AkdError], remedy: str = "") -> Any:
    """The value in a JSON file.

    Args:
        path: of the file.
        failure: what to raise.
        remedy: what to do about a damaged file, for the message's end.

    Raises:
        AkdError: `failure`, where it cannot be read or is not JSON.
    """
    end = f"; {remedy}" if remedy else ""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise failure(f"{path}: cannot be read: {error.strerror}{end}") from error
    except RecursionError as error:
        raise failure(f"{path}: is not valid JSON: it is nested too deep{end}") from error
    except ValueError as error:
        raise failure(f"{path}: is not valid JSON: {error}{end}") from error
