"""A worker uses no more memory after many shots than after a few."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.blender

# renders of nothing, each at an exposure of its own; prints the megabytes in use after the tenth and the thirtieth
CODE = """
import ctypes, gc, os, sys
said = os.fdopen(os.dup(1), "w")
silent = os.open(os.devnull, os.O_WRONLY)
os.dup2(silent, 1)
from blender_scenes.libraries import keep_no_colour_processors
if sys.argv[1] == "as workers do":
    keep_no_colour_processors()
import bpy
from blender_scenes.render import configure_cycles, render_image
from pipeline.render_spec import RenderSpec

class Heap(ctypes.Structure):
    _fields_ = [(f"f{n}", ctypes.c_size_t) for n in range(10)]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Heap
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
configure_cycles(scene, RenderSpec(samples=1, denoise=False, device="cpu"), 1)
scene.view_settings.view_transform = "AgX"
scene.render.resolution_x = scene.render.resolution_y = 16
scene.camera = bpy.data.objects.new("c", bpy.data.cameras.new("c"))
scene.collection.objects.link(scene.camera)
for number in range(30):
    scene.view_settings.exposure = 0.01 * number
    render_image(scene, number)
    if number in (9, 29):
        gc.collect()
        heap = libc.mallinfo2()
        print((heap.f7 + heap.f4) / 1e6, file=said, flush=True)
"""


def growth_mb(how: str) -> float:
    """In use after the thirtieth image more than after the tenth."""
    done = subprocess.run([sys.executable, "-c", CODE, how], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    first, last = (float(line) for line in done.stdout.split())
    return last - first


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc's malloc")
def test_exposures_leave_nothing_behind():
    assert growth_mb("as workers do") < 5
    assert growth_mb("as Blender is") > 40, "OpenColorIO forgets by itself now: keep_no_colour_processors can go"
