"""A person's build and pose: where joints are. The person stands at the origin and looks along +x; metres."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
POSES = ("walk", "stride", "stand", "phone", "hips", "pockets", "bag")


@dataclass(frozen=True)
class Build:
    """A body: height in metres, girth (1 slim, 1.25 stout), shoulders' and hips' width against a man's."""

    height: float
    girth: float
    shoulders: float
    hips: float

    @property
    def scale(self) -> float:
        """Against the man of 1.75 m whom all measures are of."""
        return self.height / 1.75


@dataclass(frozen=True)
class Leg:
    """Angles in radians: thigh forward, knee bent, foot toe-up; outward turn of the foot."""

    thigh: float
    knee: float
    foot: float = 0.0
    out: float = 0.12


@dataclass(frozen=True)
class Arm:
    """Angles in radians: upper arm forward, away from the body, turned inward; elbow bent."""

    swing: float = 0.0
    away: float = 0.12
    turn: float = 0.25
    elbow: float = 0.25


@dataclass(frozen=True)
class Pose:
    """Left and right, then the trunk's lean forward and the head's turn and nod."""

    legs: tuple[Leg, Leg]
    arms: tuple[Arm, Arm]
    lean: float = 0.0
    head_turn: float = 0.0
    head_nod: float = 0.0


def draw_build(rng: np.random.Generator) -> Build:
    """Grown-ups, from slim to stout."""
    woman = rng.random() < 0.5
    height = float(np.clip(rng.normal(1.65 if woman else 1.77, 0.065), 1.5, 1.95))
    girth = float(np.clip(rng.normal(1.0, 0.07), 0.89, 1.18))
    return Build(
        height, girth, float(rng.uniform(0.84, 0.9) if woman else rng.uniform(0.96, 1.04)), 1.04 if woman else 0.97
    )


def draw_pose(name: str, rng: np.random.Generator) -> Pose:
    """A pose of that name, never twice the same; which side leads is by chance."""
    pose = _walking(name, rng) if name in ("walk", "stride") else _standing(name, rng)
    pose = replace(pose, head_turn=float(rng.normal(0, 0.3)))
    if rng.random() < 0.5:
        return replace(pose, legs=pose.legs[::-1], arms=pose.arms[::-1], head_turn=-pose.head_turn)
    return pose


def _walking(name: str, rng: np.random.Generator) -> Pose:
    stride = float(rng.uniform(0.3, 0.46))
    if name == "stride":  # both feet on the ground
        legs = (Leg(stride, 0.10, 0.22), Leg(-0.75 * stride, float(rng.uniform(0.2, 0.4)), -0.6))
        swing = 0.75 * stride
    else:  # one leg swings past the other
        legs = (Leg(0.02, 0.06), Leg(float(rng.uniform(0.12, 0.3)), float(rng.uniform(0.7, 1.0)), -0.35))
        swing = 0.25 * stride
    arms = (
        Arm(-swing * 1.1, 0.11, 0.15, float(rng.uniform(0.15, 0.35))),
        Arm(swing, 0.11, 0.35, float(rng.uniform(0.35, 0.7))),
    )
    return Pose(legs, arms, lean=float(rng.uniform(0.02, 0.07)))


def _standing(name: str, rng: np.random.Generator) -> Pose:
    bend = float(rng.uniform(0.1, 0.3))
    legs = (Leg(0.0, 0.03, 0.0, 0.2), Leg(0.65 * bend, bend, -0.02, 0.3))
    hanging = Arm(float(rng.normal(0.0, 0.06)), float(rng.uniform(0.1, 0.16)), 0.3, float(rng.uniform(0.12, 0.35)))
    match name:
        case "phone":
            arms = (Arm(0.45, 0.12, 0.55, 1.75), hanging)
        case "hips":
            arms = (Arm(-0.35, 0.75, 1.15, 1.5), Arm(-0.35, 0.75, 1.15, 1.5) if rng.random() < 0.5 else hanging)
        case "pockets":
            arms = (Arm(-0.30, 0.26, 0.62, 0.68), Arm(-0.28, 0.26, 0.62, 0.66))
        case _:
            arms = (hanging, replace(hanging, elbow=0.2, swing=0.03))
    nod = 0.32 if name == "phone" else float(rng.normal(0.02, 0.06))
    return Pose(legs, arms, head_nod=nod)


def turn_y(angle: float) -> Array:
    """(3, 3): what hangs down swings forward."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])


def turn_x(angle: float) -> Array:
    """(3, 3): what hangs down swings to the left."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def turn_z(angle: float) -> Array:
    """(3, 3): counter-clockwise from above."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


@dataclass(frozen=True)
class Limb:
    """A bent limb: joints (3, 3) from its root, and axes (3, 3) of its upper half, lower half, and hand or foot.

    Axes are columns: forward, left and up as they would be if the limb hung down.
    """

    joints: Array
    upper: Array
    lower: Array
    end: Array


HIP = np.array([0.0, 0.088, 0.915])
SHOULDER = np.array([-0.012, 0.176, 1.393])
THIGH_M, SHIN_M, UPPER_ARM_M, FOREARM_M = 0.43, 0.415, 0.285, 0.255
DOWN = np.array([0.0, 0.0, -1.0])


def leg_of(leg: Leg, side: int, build: Build) -> Limb:
    """The left (1) or right (-1) leg of a man of 1.75 m."""
    hip = HIP * [1, side * build.hips, 1]
    aside = turn_x(-side * 0.03)
    upper, lower = (aside @ turn_y(angle) for angle in (leg.thigh, leg.thigh - leg.knee))
    knee = hip + upper @ DOWN * THIGH_M
    ankle = knee + lower @ DOWN * SHIN_M
    return Limb(np.array([hip, knee, ankle]), upper, lower, turn_z(side * leg.out) @ turn_y(leg.foot))


def arm_of(arm: Arm, side: int, build: Build) -> Limb:
    """The left (1) or right (-1) arm of a man of 1.75 m."""
    shoulder = SHOULDER * [1, side * build.shoulders, 1]
    upper = turn_x(side * arm.away) @ turn_y(arm.swing) @ turn_z(-side * arm.turn)
    elbow = shoulder + upper @ DOWN * UPPER_ARM_M
    lower = upper @ turn_y(arm.elbow)
    return Limb(np.array([shoulder, elbow, elbow + lower @ DOWN * FOREARM_M]), upper, lower, lower)
