"""Write a trained reader as it ships: the encoder for onnxruntime, its matrices packed, the heads as plain arrays.

python training/export.py NETWORK.pt [--encoder FOLDER] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import numpy as np
import onnx
import torch
from reader import ENCODER, Reader

LONG = 10_000  # rows: the table of word pieces, which has a scale a row
MODEL = Path(__file__).resolve().parent.parent / "extractors" / "reader" / "model"


def main():
    """Read the network, write ``encoder.onnx``, ``matrices.npz`` and ``heads.npz``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("--encoder", type=Path, default=ENCODER)
    parser.add_argument("--frozen", type=int, default=4)
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args()
    reader = Reader(options.encoder, frozen=options.frozen)
    reader.load_state_dict(torch.load(options.network))
    reader.eval()
    write_encoder(reader.encoder, options.out)
    heads = {name: value.numpy().astype(np.float16) for name, value in reader.heads.state_dict().items()}
    np.savez_compressed(options.out / "heads.npz", **heads)
    for file in sorted(options.out.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")


class Shipped(torch.nn.Module):
    """The encoder as it is used: one stretch of a text at a time, at the end the vectors of the candidates alone."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, pieces, marks, wanted):
        """The vectors at the places ``wanted`` of one row of pieces with their marks."""
        x = self.encoder.below(pieces, None) + self.encoder.mark(marks)
        *earlier, last = self.encoder.upper
        for layer in earlier:
            x = layer(x, None, 0.0)
        return last(x, None, 0.0, only=wanted)[0]


def write_encoder(encoder, folder: Path):
    """``encoder.onnx`` without its matrices, and these in ``matrices.npz`` as whole numbers of eight bits with scales.

    They are unpacked when the network is read, so that it reckons in floats: sums of whole numbers would save time and
    cost one in ten of the answers on who supplies and who pays.
    """
    pieces = torch.ones(1, 9, dtype=torch.long)
    example = (pieces, torch.zeros_like(pieces), torch.tensor([1, 4]))
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "whole.onnx"
        torch.onnx.export(
            Shipped(encoder),
            example,
            whole,
            input_names=["pieces", "marks", "wanted"],
            output_names=["vectors"],
            dynamic_axes={
                "pieces": {1: "length"},
                "marks": {1: "length"},
                "wanted": {0: "places"},
                "vectors": {0: "places"},
            },
            dynamo=False,
        )
        model = onnx.load(whole)
    packed = {}
    for tensor in model.graph.initializer:
        if len(tensor.dims) == 2 and tensor.data_type == onnx.TensorProto.FLOAT:
            packed |= pack(tensor.name, onnx.numpy_helper.to_array(tensor), by_row=tensor.dims[0] > LONG)
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="matrices.npz")
    onnx.save(model, folder / "encoder.onnx")
    np.savez_compressed(folder / "matrices.npz", **packed)


def pack(name, matrix, *, by_row):
    """A matrix in whole numbers of eight bits, with one scale a row or a column."""
    scale = np.abs(matrix).max(1 if by_row else 0, keepdims=True) / 127
    scale[scale == 0] = 1.0
    return {
        f"{name}|whole": np.round(matrix / scale).astype(np.int8),
        f"{name}|scale": scale.astype(np.float32),
    }


if __name__ == "__main__":
    main()
