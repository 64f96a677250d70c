"""Write a trained reader as it ships: the encoder for onnxruntime, the heads as plain arrays.

python training/export.py NETWORK.pt [--encoder FOLDER] [--out FOLDER]
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
from reader import ENCODER, Reader

MODEL = Path(__file__).resolve().parent.parent / "extractors" / "reader" / "model"


def main():
    """Read the network, write ``encoder.onnx`` and ``heads.npz``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("--encoder", type=Path, default=ENCODER)
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args()
    reader = Reader(options.encoder)
    reader.load_state_dict(torch.load(options.network, map_location="cpu"))
    reader.eval()
    write_encoder(reader.encoder, options.out / "encoder.onnx")
    heads = {name: value.numpy().astype(np.float16) for name, value in reader.heads.state_dict().items()}
    np.savez_compressed(options.out / "heads.npz", **heads)
    for file in sorted(options.out.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")


class Shipped(torch.nn.Module):
    """The encoder as it is used: one stretch of a text at a time, at the end the vectors of the candidates alone."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, pieces, added, wanted):
        """The vectors at the places ``wanted`` of one row of pieces, given what is added to each."""
        encoder, length = self.encoder, pieces.shape[1]
        x = encoder.norm(encoder.word(pieces) + encoder.place(torch.arange(length))[None] + encoder.base) + added
        *earlier, last = encoder.layers
        for layer in earlier:
            x = layer(x, None, 0.0)
        return last(x, None, 0.0, only=wanted)[0]


def write_encoder(encoder, path: Path):
    """The encoder for onnxruntime, its matrices in whole numbers.

    That is twice as fast, and sums of whole numbers are the same on every processor; seven bits a weight, so that no
    processor cuts such a sum off. On documents not seen it answers as often right as in floats.
    """
    pieces = torch.ones(1, 9, dtype=torch.long)
    example = (pieces, torch.zeros(1, 9, encoder.base.shape[0]), torch.tensor([1, 4]))
    with tempfile.TemporaryDirectory() as temporary:
        floats = Path(temporary) / "floats.onnx"
        torch.onnx.export(
            Shipped(encoder),
            example,
            floats,
            input_names=["pieces", "added", "wanted"],
            output_names=["vectors"],
            dynamic_axes={
                "pieces": {1: "length"},
                "added": {1: "length"},
                "wanted": {0: "places"},
                "vectors": {0: "places"},
            },
            dynamo=False,
        )
        quantize_dynamic(floats, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


if __name__ == "__main__":
    main()
