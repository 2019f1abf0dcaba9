"""JSON files of ours that say what they are and of which version: an index's manifest, the report of a shift."""

from pathlib import Path

from pipeline.config import Config, parse_config
from pipeline.errors import AkdError, SpecError
from pipeline.json_file import read_json


def read_own[T: Config](path: Path, kind: type[T], what: str, failure: type[AkdError], again: str) -> T:
    """The file as `kind`, whose fields `format` and `version` say by their defaults what is read.

    Args:
        path: of the file.
        kind: what it holds.
        what: it is called in messages, with its article.
        failure: what to raise.
        again: what makes the file anew, for the end of messages.

    Raises:
        AkdError: `failure`, where it cannot be read, is something else, of another version, or damaged.
    """
    content = read_json(path, failure, again)
    name, version = (kind.model_fields[key].default for key in ("format", "version"))
    if not isinstance(content, dict) or content.get("format") != name:
        raise failure(f"{path}: is not {what}; its format must be {name!r}")
    if content.get("version") != version:
        raise failure(f"{path}: is version {content.get('version')}; this program reads version {version}; {again}")
    try:
        return parse_config(content, kind, path)
    except SpecError as error:
        raise failure(str(error)) from error
