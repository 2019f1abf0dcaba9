"""All of them, by name."""

from tests.fuzz.coco_target import COCO
from tests.fuzz.index_target import INDEX
from tests.fuzz.yaml_targets import SIDECAR, SPEC

TARGETS = {"spec": SPEC, "sidecar": SIDECAR, "coco": COCO, "index": INDEX}
