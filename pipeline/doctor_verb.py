"""The verb of the command line that examines the machine."""

import argparse
from collections.abc import Callable

from pipeline.arguments import add_json, refuse_existing, tell
from pipeline.errors import AkdError

Verb = Callable[..., argparse.ArgumentParser]


def add_doctor_verb(verb: Verb) -> None:
    """`akd doctor`."""
    parser = verb("doctor", _doctor, "does this machine have all that is needed? renders and predicts", "akd doctor")
    add_json(parser, "what was found")


def _doctor(arguments: argparse.Namespace) -> None:
    from pipeline.doctor import as_json, examine

    if arguments.json:
        refuse_existing(arguments.json)
    findings = examine()
    tell(arguments.json, "\n".join(finding.as_text() for finding in findings), as_json(findings))
    broken = [finding.name for finding in findings if finding.state == "broken"]
    if broken:
        raise AkdError(f"doctor: broken: {', '.join(broken)}; the lines above say how to mend it")
