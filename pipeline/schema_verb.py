"""The verb of the command line that writes the JSON Schemas of the YAML files that people write."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.arguments import refuse_existing
from pipeline.files import write_text_atomic

Verb = Callable[..., argparse.ArgumentParser]
Kinds = Callable[[], Mapping[str, Any]]


def add_schema_verb(verb: Verb, others: Kinds) -> None:
    """`akd schema`; `others` are kinds of files of other packages than this, by name."""
    parser = verb(
        "schema",
        lambda arguments: _schema(arguments, others),
        "write JSON Schemas of specs, model configs, keypoints, cameras and label files, for editors",
        "akd schema -o schemas",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="new folder")


def all_schemas(others: Kinds) -> dict[str, dict[str, Any]]:
    """Kind of file to its schema."""
    from pipeline.camera_spec import CameraSpec
    from pipeline.keypoints import KeypointSchema
    from pipeline.schema import json_schema
    from pipeline.sidecar import Sidecar
    from pipeline.spec import DatasetSpec

    kinds = {"dataset": DatasetSpec, "keypoints": KeypointSchema, "camera": CameraSpec, "labels": Sidecar, **others()}
    return {name: json_schema(kind, f"akd {name}") for name, kind in kinds.items()}


def _schema(arguments: argparse.Namespace, others: Kinds) -> None:
    from pipeline.schema import schema_file, schema_text

    refuse_existing(arguments.out)
    for name, schema in all_schemas(others).items():
        path = arguments.out / schema_file(name).name
        write_text_atomic(path, schema_text(schema))
        print(f"wrote {path}")
