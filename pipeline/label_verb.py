"""The verb of the command line that opens the labelling page."""

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import AkdError

if TYPE_CHECKING:
    from pipeline.keypoints import KeypointSchema
    from pipeline.label_session import LabelSession
    from pipeline.open_model import OpenModel
    from pipeline.proposal import Proposal

    Propose = Callable[[OpenModel, KeypointSchema], Proposal]

Verb = Callable[..., argparse.ArgumentParser]


def add_label_verb(verb: Verb, propose: "Propose | None" = None) -> None:
    """`akd label`; `propose` gives first labels of a model to look at, where there is one."""
    parser = verb(
        "label",
        lambda arguments: _label(arguments, propose),
        "label keypoints on a 3D model, in the browser",
        "akd label car.glb",
    )
    parser.add_argument("model", type=Path, help="a 3D model; its labels go beside it, into MODEL.keypoints.yaml")
    parser.add_argument("--port", type=int, help="serve the page there (the first free one from 8080 up)")
    parser.add_argument("--keypoints", metavar="SCHEMA", help="YAML file, or the name of a schema (vehicle20)")
    parser.add_argument("--no-proposals", action="store_true", help="start without proposed labels")
    parser.add_argument("--propose-only", action="store_true", help="write the proposed labels and open no page")


def start_session(model: Path, keypoints: str | None, propose: "Propose | None") -> "LabelSession":
    """A session on a model's file with the labels beside it, and proposals for those that are missing.

    Raises:
        ModelError: model or label file cannot be used, or the file is of another schema than `keypoints`.
        SpecError: there is no such schema.
    """
    from pipeline.label_file import read_label_file, schema_reference
    from pipeline.label_session import LabelSession
    from pipeline.open_model import open_model
    from pipeline.sidecar import schema_of, sidecar_path

    file = read_label_file(sidecar_path(model))
    reference = schema_reference(file, keypoints)
    schema = schema_of(reference, file.path)
    opened = open_model(model)
    session = LabelSession(opened, schema, file, reference)
    if propose is not None:
        session.offer(propose(opened, schema))
    return session


def _label(arguments: argparse.Namespace, propose: "Propose | None") -> None:
    if arguments.propose_only:
        _write_proposals(arguments, propose)
        return
    from pipeline.label_page import LabelPage, free_port

    port = free_port(arguments.port)
    session = start_session(arguments.model, arguments.keypoints, None if arguments.no_proposals else propose)
    page = LabelPage(session, port)
    print(f"labelling {arguments.model} at {page.url}; Ctrl-C ends it", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        page.stop()
        print("closed" + ("; changes since the last save are lost" if session.unsaved else ""))


def _write_proposals(arguments: argparse.Namespace, propose: "Propose | None") -> None:
    from pipeline.sidecar import sidecar_path

    if propose is None or arguments.no_proposals:
        raise AkdError("label: --propose-only needs proposals, and there are none")
    path = sidecar_path(arguments.model)
    if path.exists():
        raise AkdError(
            f"{path}: exists already; without --propose-only its labels are kept and proposals fill the gaps"
        )
    session = start_session(arguments.model, arguments.keypoints, propose)
    session.accept()
    print(session.save())
    if missing := session.missing():
        print(f"missing: {', '.join(missing)}")
    print(f"look at it: akd label {arguments.model}")
