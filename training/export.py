"""Write a trained reader as it ships: the encoder in whole numbers for onnxruntime, the heads as plain arrays.

python training/export.py NETWORK.pt --encoder FOLDER [--out FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from reader import Reader

MODEL = Path(__file__).resolve().parent.parent / "extractors" / "reader" / "model"


def main():
    """Read the network, write ``encoder.onnx`` and ``heads.npz``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--frozen", type=int, default=3)
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args()
    reader = Reader(options.encoder, frozen=options.frozen)
    reader.load_state_dict(torch.load(options.network))
    reader.eval()
    write_encoder(reader.encoder, options.out / "encoder.onnx")
    heads = {name: value.numpy().astype(np.float16) for name, value in reader.heads.state_dict().items()}
    np.savez_compressed(options.out / "heads.npz", **heads)
    for file in sorted(options.out.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")


def write_encoder(encoder, path: Path):
    """The encoder for onnxruntime; matrices as whole numbers of seven bits, which every processor adds up alike."""
    pieces = torch.ones(2, 9, dtype=torch.long)
    example = (pieces, torch.zeros_like(pieces), pieces.bool())
    names = ["pieces", "marks", "mask"]
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            encoder,
            example,
            whole,
            input_names=names,
            output_names=["vectors"],
            dynamic_axes={name: {0: "rows", 1: "length"} for name in [*names, "vectors"]},
            dynamo=False,
        )
        quantize_dynamic(
            whole,
            path,
            weight_type=QuantType.QInt8,
            reduce_range=True,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
        )


if __name__ == "__main__":
    main()
