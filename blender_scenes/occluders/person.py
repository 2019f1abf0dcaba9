"""A person: build, pose and clothes by chance, put together from head to foot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_scenes.occluders.body import (
    POSES,
    Build,
    Limb,
    Pose,
    arm_of,
    draw_build,
    draw_pose,
    leg_of,
    turn_y,
    turn_z,
)
from blender_scenes.occluders.head import HAIRCUTS, HATS, face, features, hair_of, hat_of, neck_of
from blender_scenes.occluders.limbs import arm_skin, hand, leg_skin, shoe, sleeve, trouser_leg
from blender_scenes.occluders.thing import Thing, one_of
from blender_scenes.occluders.trunk import (
    NECK_M,
    backpack,
    collar,
    reflective,
    seat,
    shopping_bag,
    shoulder_bag,
    skirt,
    top,
)
from blender_scenes.occluders.wardrobe import Outfit, draw_colours, draw_outfit
from blender_scenes.surroundings.shape import Shape, join

Array = NDArray[np.float64]
NECK_ROOT = np.array([-0.020, 0.0, 1.465])
HEAD = np.array([0.016, 0.0, 1.5255])
HIPS_M = 0.95
# of each top: ease, hem, how far down the sleeve reaches (2 elbow, 3 wrist), its ease at shoulder and hem
TOPS = {
    "tshirt": (0.014, 0.93, 1.62, (0.008, 0.022)),
    "shirt": (0.015, 0.92, 2.93, (0.008, 0.013)),
    "sweater": (0.017, 0.93, 2.93, (0.011, 0.014)),
    "hoodie": (0.020, 0.91, 2.93, (0.014, 0.016)),
    "jacket": (0.022, 0.89, 2.95, (0.015, 0.019)),
    "open": (0.021, 0.90, 2.95, (0.014, 0.018)),
    "coat": (0.024, 0.90, 2.95, (0.017, 0.021)),
    "vest": (0.022, 0.90, 2.90, (0.008, 0.013)),
}
# of each bottom: ease at the hip and at the hem, how far down (1 knee, 2 ankle)
BOTTOMS = {
    "jeans": ((0.010, 0.026), 1.97),
    "trousers": ((0.014, 0.032), 1.97),
    "slim": ((0.006, 0.010), 1.93),
    "shorts": ((0.014, 0.034), 0.92),
}


@dataclass(frozen=True)
class _Person:
    build: Build
    pose: Pose
    outfit: Outfit
    legs: tuple[Limb, Limb]
    arms: tuple[Limb, Limb]
    carries: str


def make_person(rng: np.random.Generator) -> Thing:
    """Someone who walks by or stands about."""
    build = draw_build(rng)
    woman = build.shoulders < 0.93
    name = one_of(rng, ("walk", "stride", *POSES))
    pose, outfit = draw_pose(name, rng), draw_outfit(woman, rng)
    legs = leg_of(pose.legs[0], 1, build), leg_of(pose.legs[1], -1, build)
    arms = arm_of(pose.arms[0], 1, build), arm_of(pose.arms[1], -1, build)
    carries = "shopping" if name == "bag" else one_of(rng, ("", "", "", "backpack", "shoulder"))
    person = _Person(build, pose, outfit, legs, arms, carries)
    trunk = join([_top(person, rng), _head(person, woman, rng), *_carried(person, rng)])
    leaning = trunk.vertices - [0.0, 0.0, HIPS_M]
    leaning = leaning @ turn_y(-pose.lean).T + [0.0, 0.0, HIPS_M]
    whole = join([Shape(leaning, trunk.triangles, trunk.slots, trunk.slot_of), _lower(person, rng)])
    vertices = whole.vertices * build.scale
    vertices = vertices - [0.0, 0.0, vertices[:, 2].min()]
    colours = draw_colours(outfit, rng)
    named = {slot: colours[slot.split(":")[1]] for slot in whole.slots}
    return Thing(Shape(vertices, whole.triangles, whole.slots, whole.slot_of), named)


def _lower(person: _Person, rng: np.random.Generator) -> Shape:
    """Legs, what is worn about them, and shoes."""
    build, outfit, legs = person.build, person.outfit, person.legs
    parts = [shoe("leather:shoe", "rubber:sole", leg) for leg in legs]
    if outfit.bottom == "skirt":
        hem = float(rng.uniform(0.42, 0.62))
        parts += [leg_skin("skin:skin", leg, build, (0.3, 2.0)) for leg in legs]
        return join([*parts, skirt("cloth:bottom", build, legs, hem, float(rng.uniform(0.0, 0.07)), rng)])
    slot = "denim:bottom" if outfit.bottom in ("jeans", "slim") else "cloth:bottom"
    ease, hem = BOTTOMS[outfit.bottom]
    parts += [trouser_leg(slot, leg, build, hem, ease, rng) for leg in legs]
    if hem < 1.5:
        parts += [leg_skin("skin:skin", leg, build, (0.6, 2.0)) for leg in legs]
    return join([*parts, seat(slot, build, 0.003)])


def _top(person: _Person, rng: np.random.Generator) -> Shape:
    """What is worn above, and the arms."""
    build, outfit = person.build, person.outfit
    slot = f"{outfit.finish}:top"
    ease, hem, reach, sleeve_ease = TOPS[outfit.top]
    hem += float(rng.uniform(-0.02, 0.04))
    if outfit.top == "coat":
        hem, flare = float(rng.uniform(0.5, 0.68)), float(rng.uniform(0.01, 0.04))
        parts = [skirt(slot, build, person.legs, hem, flare, rng, (NECK_M, ease))]
    else:
        parts = [top(slot, build, hem, ease, rng, "cloth:inner" if outfit.top == "open" else None)]
    parts.append(collar(slot, build, outfit.collar, rng))
    arms = "cloth:inner" if outfit.top == "vest" else slot
    for side, limb in zip((1, -1), person.arms, strict=True):
        parts.append(sleeve(arms, limb, build, reach, sleeve_ease, rng))
        parts.append(arm_skin("skin:skin", limb, build, (min(reach - 0.15, 2.8), 3.0)))
        parts.append(hand("skin:skin", limb, side, float(rng.uniform(0.3, 0.7))))
    if outfit.top == "vest":
        parts.append(reflective("retro:band", build, ease))
    return join(parts)


def _head(person: _Person, woman: bool, rng: np.random.Generator) -> Shape:
    """Head, hair and neck, turned and nodded as the pose says."""
    skin, rings = face("skin:skin", "skin:lips", rng)
    parts = [skin, features("skin:skin", "hair:hair", "eye:white", "eye:iris", rng)]
    cut = one_of(rng, HAIRCUTS if woman else ("short", "short", "crop", "crop", "short"))
    hatted = rng.random() < 0.18 and cut != "bun"
    parts.append(hair_of("hair:hair", cut, rings, rng, hatted))
    if hatted:
        parts.append(hat_of("cloth:hat", one_of(rng, HATS), rings))
    head = join(parts)
    turn = turn_z(person.pose.head_turn) @ turn_y(-person.pose.head_nod)
    larger = 1.0 + 0.35 * (1.75 / person.build.height - 1.0)
    placed = larger * head.vertices @ turn.T + HEAD
    neck = neck_of("skin:skin", HEAD + [-0.012, 0.0, 0.02], NECK_ROOT, person.build.girth)
    return join([Shape(placed, head.triangles, head.slots, head.slot_of), neck])


def _carried(person: _Person, rng: np.random.Generator) -> list[Shape]:
    ease = TOPS[person.outfit.top][0]
    match person.carries:
        case "backpack":
            return [backpack("canvas:bag", "canvas:bag", person.build, ease)]
        case "shoulder":
            return [shoulder_bag("leather:bag", "leather:bag", person.build, int(rng.choice([-1, 1])), ease)]
        case "shopping":
            limb = person.arms[0]
            return [shopping_bag("canvas:bag", limb.joints[-1] + limb.end @ np.array([0.0, 0.0, -0.085]), rng)]
    return []
