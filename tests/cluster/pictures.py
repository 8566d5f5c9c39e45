#!/usr/bin/python3
"""The pictures of the tests of clusters: pictures.py COUNT FOLDER.

Crops of the sample pictures, of 64 to 128 pixels a side, in FOLDER/NN/NNNN.EXT: JPEG and PNG, and each twentieth an
array of float32 or float64. FOLDER/LIST has their names.
"""
import os
import random
import sys

import numpy
from PIL import Image

SAMPLES = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../samples/pictures")


def write(crop, index, path):
    if index % 20 == 7:
        kind = numpy.float64 if index % 40 == 7 else numpy.float32
        numpy.save(path + ".npy", numpy.asarray(crop, kind).transpose(2, 0, 1).copy() / kind(255))
        return path + ".npy"
    extension = (".jpg", ".png")[index % 2]
    crop.save(path + extension, **({"quality": 80 + index % 20} if extension == ".jpg" else {"compress_level": 1}))
    return path + extension


def main(count, folder):
    rng = random.Random(15)
    names = sorted(name for name in os.listdir(SAMPLES) if name.endswith((".jpg", ".png")))
    scenes = [Image.open(os.path.join(SAMPLES, name)).convert("RGB") for name in names]
    paths = []
    for index in range(count):
        scene = rng.choice(scenes)
        width, height = rng.randint(64, 128), rng.randint(64, 128)
        x, y = rng.randint(0, scene.width - width), rng.randint(0, scene.height - height)
        os.makedirs(f"{folder}/{index // 50:02d}", exist_ok=True)
        paths.append(write(scene.crop((x, y, x + width, y + height)), index, f"{folder}/{index // 50:02d}/{index:04d}"))
    with open(f"{folder}/LIST", "w") as file:
        file.writelines(f"{os.path.relpath(path, folder)}\n" for path in sorted(paths))


main(int(sys.argv[1]), sys.argv[2])
