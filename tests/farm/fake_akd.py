"""The command line, with render workers that need no Blender."""

import sys

import pipeline.generate
from akd import main
from tests.farm.conftest import FAKE_COMMAND

if __name__ == "__main__":
    pipeline.generate.WORKER_COMMAND = FAKE_COMMAND
    sys.exit(main())
