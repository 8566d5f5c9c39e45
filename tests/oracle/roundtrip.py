#!/usr/bin/python3
"""Pictures there and back, seen by other programs: roundtrip.py TOOL CORPUS

Samples are read by Pillow and NumPy, those of 16 bits by ImageMagick, metadata by ExifTool, TIFF through tiffcp. What
differs is printed, then the totals. Needs python3-numpy, python3-pil, imagemagick, libimage-exiftool-perl, libtiff-tools.
"""
import os
import sys

import numpy as np

from readers import without_encoding
from report import Report, main
from trips_corpus import Corpus
from trips_metadata import Metadata
from trips_samples import Samples
from writers import picture


def can_say_no(report):
    """The checks themselves fail where they should."""
    doubt = Report()
    pixels = picture("u1", 3)
    with open(os.devnull, "w", encoding="ascii") as sys.stdout:
        doubt.near("", pixels + 1.0, pixels, 0.5)
        doubt.near("", pixels[:, :, :2], pixels, 255)
        doubt.near("", np.where(pixels == pixels.max(), np.nan, pixels), pixels, 0.5)
    sys.stdout = sys.__stdout__
    report.result("wrong samples are noticed", doubt.failed == 3, f"only {doubt.failed} of 3")
    blind = [without_encoding({"PNG:Gamma": 1, "IFD0:Copy1:Orientation": 6, "IFD0:Orientation": 3}),
             without_encoding({"PNG:BitDepth": 8, "System:FileName": ""})]
    report.result("metadata is noticed", list(map(bool, blind)) == [True, False], str(blind))


def run(tool, corpus, folder):
    """All checks."""
    report = Report()
    can_say_no(report)
    samples, metadata, real = (kind(tool, corpus, folder, report) for kind in (Samples, Metadata, Corpus))
    for check in (samples.unchanged, samples.depths, samples.dither, samples.weights, samples.premultiplied,
                  metadata.chain, metadata.dropped, metadata.grey_profile, metadata.late, metadata.twice,
                  real.orientation, real.pngsuite, real.testimages, real.inks, real.metadata):
        check()
    return report.total("round trips")


if __name__ == "__main__":
    sys.exit(main("roundtrip.py", run))
