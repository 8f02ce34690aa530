"""Write the net of a checkpoint as ONNX, weights as float16 (onnxruntime makes them float32 when it loads them).

python -m training.eyes.export DATA/ckpt/last.pt imaging/engine/detect/eyenet.onnx [training/eyes/state/start.pt]
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from training.eyes.net import EyeNet

LARGE = 512
"""Weights with more numbers than this become float16."""


def fused(net: EyeNet) -> EyeNet:
    """Return the net with batch normalisation folded into the convolutions."""
    for part in net.modules():
        if isinstance(part, nn.Sequential) and len(part) > 1 and isinstance(part[1], nn.BatchNorm2d):
            part[0] = nn.utils.fusion.fuse_conv_bn_eval(part[0], part[1])
            part[1] = nn.Identity()
    return net


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with large weights stored as float16 and cast when it is loaded."""
    graph, casts = model.graph, []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > LARGE:
            half = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half")
            graph.initializer.remove(tensor)
            graph.initializer.append(half)
            casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=onnx.TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(model)
    return model


def save_start(checkpoint: Path, target: Path) -> None:
    """Write the averaged weights alone, as float16: what a later training may start from."""
    weights = torch.load(checkpoint, weights_only=True)["ema"]
    torch.save({name: v.half() if v.dtype == torch.float32 else v for name, v in weights.items()}, target)


def export(checkpoint: Path, target: Path) -> str:
    """Write the averaged weights of a checkpoint; return the file's SHA-256."""
    net = EyeNet()
    net.load_state_dict(torch.load(checkpoint, weights_only=True)["ema"])
    file = io.BytesIO()
    sides = {0: "n", 2: "h", 3: "w"}
    torch.onnx.export(
        fused(net.eval()),
        (torch.zeros(1, 3, 160, 160),),
        file,
        input_names=["picture"],
        output_names=["mask", "region"],
        dynamic_axes={"picture": sides, "mask": sides, "region": sides},
        opset_version=17,
        dynamo=False,
    )
    data = halved(onnx.load_from_string(file.getvalue())).SerializeToString()
    target.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    print(export(Path(sys.argv[1]), Path(sys.argv[2])))
    if len(sys.argv) > 3:
        save_start(Path(sys.argv[1]), Path(sys.argv[3]))
