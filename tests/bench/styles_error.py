"""How far the results are from their styles: the mean and the deviation of each channel, in percent of the range of the space.

    styles_error.py rgb|lab FOLDER FILE...       FOLDER has the results, each file in the style of the next
"""
import os
import sys

import numpy as np
from PIL import Image
from skimage.color import rgb2lab


def moments(path, space):
    x = np.asarray(Image.open(path).convert("RGB"), dtype=np.float64) / 255
    if space == "lab":
        x = rgb2lab(x) / (100, 256, 256)
    return x.reshape(-1, 3).mean(0), x.reshape(-1, 3).std(0)


space, folder, files = sys.argv[1], sys.argv[2], sys.argv[3:]
mean, std = [], []
for name, style in zip(files, files[1:] + files[:1]):
    result, wanted = moments(os.path.join(folder, os.path.basename(name)), space), moments(style, space)
    mean += list(np.abs(result[0] - wanted[0]))
    std += list(np.abs(result[1] - wanted[1]))
print(
    f"mean off by {100 * np.median(mean):.3f} % (worst {100 * np.max(mean):.2f}), "
    f"deviation by {100 * np.median(std):.3f} % (worst {100 * np.max(std):.2f})"
)
