"""Shader nodes written as expressions: each method adds a node and returns its output."""

from collections.abc import Callable

import bpy

type Socket = bpy.types.NodeSocket
type Input = Socket | float
type Colour = Socket | tuple[float, float, float]
type Vector = Socket | tuple[float, float, float]


class Graph:
    """An emptied node tree that is being filled again."""

    def __init__(self, material: bpy.types.Material) -> None:
        self.owner = material.name
        self.tree = material.node_tree
        self.tree.nodes.clear()
        self._shared: dict[str, Socket] = {}

    def node(self, kind: str, **inputs: object) -> bpy.types.Node:
        """A node; inputs by name with "_" for " ", or by number as "i0"."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in inputs.items():
            key = int(name[1:]) if name[0] == "i" and name[1:].isdigit() else name.replace("_", " ")
            self.put(node.inputs[key], value)
        return node

    def put(self, socket: Socket, value: object) -> None:
        """Link or set one input."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, tuple) and socket.type == "RGBA":
            socket.default_value = (*value, 1.0)[:4]
        elif isinstance(value, float) and socket.type == "VECTOR":
            socket.default_value = (value, value, value)
        else:
            socket.default_value = value

    def surface(self, shader: bpy.types.Node) -> None:
        """The material's output."""
        self.tree.links.new(shader.outputs[0], self.node("OutputMaterial").inputs["Surface"])

    def math(self, operation: str, *values: Input) -> Socket:
        """Arithmetic."""
        node = self.node("Math")
        node.operation = operation
        for socket, value in zip(node.inputs, values, strict=False):
            self.put(socket, value)
        return node.outputs[0]

    def times(self, a: Input, b: Input) -> Socket:
        """Their product."""
        return self.math("MULTIPLY", a, b)

    def plus(self, a: Input, b: Input) -> Socket:
        """Their sum."""
        return self.math("ADD", a, b)

    def step(self, value: Input, low: float, high: float) -> Socket:
        """0 up to `low`, 1 from `high` on, smooth between; falls where `low` is the greater."""
        node = self.node("MapRange", Value=value, From_Min=min(low, high), From_Max=max(low, high))
        node.interpolation_type = "SMOOTHSTEP"
        node.inputs["To Min"].default_value = float(low > high)
        node.inputs["To Max"].default_value = float(low <= high)
        return node.outputs["Result"]

    def mix(self, share: Input, a: Colour, b: Colour) -> Socket:
        """Colour a, with b in its place by `share`."""
        node = self.node("Mix")
        node.data_type = "RGBA"
        for number, value in ((0, share), (6, a), (7, b)):
            self.put(node.inputs[number], value)
        return node.outputs[2]

    def blend(self, share: Input, a: Input, b: Input) -> Socket:
        """The same for numbers."""
        node = self.node("Mix")
        for number, value in ((0, share), (2, a), (3, b)):
            self.put(node.inputs[number], value)
        return node.outputs[0]

    def vector(self, operation: str, a: Vector, b: Vector | float = 0.0) -> Socket:
        """Vector arithmetic."""
        node = self.node("VectorMath", i0=a, i1=b)
        node.operation = operation
        return node.outputs[0]

    def scaled(self, a: Vector, factor: Input) -> Socket:
        """The vector or colour times a number."""
        node = self.node("VectorMath", i0=a, i3=factor)
        node.operation = "SCALE"
        return node.outputs[0]

    def noise(self, at: Vector, scale: float, detail: float = 2.0) -> Socket:
        """Smooth noise about 0.5."""
        return self.node("TexNoise", Vector=at, Scale=scale, Detail=detail).outputs[0]

    def place(self) -> Socket:
        """Where on the vehicle: metres, vehicle frame."""
        return self.shared("place", lambda: self.node("TexCoord").outputs["Object"])

    def axis(self, name: str) -> Socket:
        """One coordinate of `place`."""
        split = self.shared("split", lambda: self.node("SeparateXYZ", i0=self.place()).outputs["X"])
        return split.node.outputs[name]

    def facing(self, name: str) -> Socket:
        """One coordinate of the surface's normal, vehicle frame."""
        split = self.shared("normal", lambda: self.node("SeparateXYZ", i0=self._own_normal()).outputs["X"])
        return split.node.outputs[name]

    def _own_normal(self) -> Socket:
        turn = self.node("VectorTransform", i0=self.node("NewGeometry").outputs["Normal"])
        turn.vector_type, turn.convert_from, turn.convert_to = "NORMAL", "WORLD", "OBJECT"
        return turn.outputs[0]

    def shared(self, name: str, make: Callable[[], Socket]) -> Socket:
        """The output that `make` makes, made once for this tree."""
        if name not in self._shared:
            self._shared[name] = make()
        return self._shared[name]
