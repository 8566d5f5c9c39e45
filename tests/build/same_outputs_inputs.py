"""Writes the inputs: copies of the sample pictures in samples/, of the tests' tiny ones in tiny/, files made here, and in
made/ files that OLD makes of them. Most are 61 x 47 pixels, as is their mask."""
import os
import shutil
import struct
import zlib

import same_outputs_formats as formats

SIZE = (61, 47)
SPACES = ("rgb", "linear", "lab", "oklab", "ruderman")


def noise(seed):
    return zlib.crc32(b"%d" % seed) / 0xffffffff


def values(size, channels, seed=0, alpha=False):
    """Floats from 0 to 1, pixel by pixel: channels of different mean and deviation. Alpha is 0, soft and 1 in places."""
    width, height = size
    colours = channels - alpha
    out = []
    for y in range(height):
        for x in range(width):
            across, down = x / width, y / height
            for c in range(colours):
                slope = (across, down, 1 - across)[c % 3]
                out.append(0.08 + 0.04 * seed + 0.05 * (c % 4) + (0.6 - 0.09 * seed) * slope
                           + 0.12 * noise(7919 * seed + 31 * (width * y + x) + c))
            if alpha:
                out.append(0.0 if x < 9 and y < 9 else 0.5 * across if y < 16 else 1.0)
    return [min(1.0, value) for value in out]


def levels(size, channels, maximum, seed=0, alpha=False):
    return [round(value * maximum) for value in values(size, channels, seed, alpha)]


def planes(samples, channels):
    """From pixel by pixel to channel by channel."""
    return [sample for c in range(channels) for sample in samples[c::channels]]


def make_png():
    for kind, channels, name in ((0, 1, "grey"), (2, 3, "rgb"), (4, 2, "greya"), (6, 4, "rgba")):
        for bits in (8, 16):
            formats.png("%s%d.png" % (name, bits), SIZE, kind, bits, levels(SIZE, channels, 2**bits - 1, 0, kind > 3))
    for bits in (1, 2, 4):
        formats.png("grey%d.png" % bits, SIZE, 0, bits, levels(SIZE, 1, 2**bits - 1))
    palette = bytes(v for i in range(16) for v in (17 * i, 255 - 9 * i, 40 + 11 * (i * 7 % 16)))
    formats.png("palette4.png", SIZE, 3, 4, levels(SIZE, 1, 15), [(b"PLTE", palette), (b"tRNS", bytes(range(0, 256, 17)))])
    formats.png("other.png", SIZE, 2, 8, levels(SIZE, 3, 255, 3))
    formats.png("sea.png", (40, 30), 2, 8, levels((40, 30), 3, 255, 2))
    formats.png("greysea.png", (40, 30), 0, 8, levels((40, 30), 1, 255, 2))
    formats.png("flat.png", SIZE, 2, 8, [90, 120, 200] * (SIZE[0] * SIZE[1]))
    formats.png("black.png", SIZE, 2, 8, [0, 0, 0] * (SIZE[0] * SIZE[1]))
    formats.png("clear.png", SIZE, 6, 8, [90, 120, 200, 0] * (SIZE[0] * SIZE[1]))
    formats.png("clear.other.png", (9, 7), 4, 16, [900, 0] * 63)
    formats.png("contrast.png", SIZE, 2, 8, [255 * (v > 140) for v in levels(SIZE, 3, 255)])
    formats.png("trns.png", SIZE, 2, 8, levels(SIZE, 3, 255), [(b"tRNS", struct.pack(">3H", 60, 80, 200))])
    for n in (1, 6):
        before, after = formats.png_metadata(n)
        formats.png("meta%d.png" % n, SIZE, 2, 8, levels(SIZE, 3, 255), before, after)
    for n in range(5):
        formats.png("frame%d.png" % n, SIZE, 2, 8, levels(SIZE, 3, 255, n * 3 % 5))
    formats.png("frame5.png", (30, 20), 2, 16, levels((30, 20), 3, 65535, 1))


def make_masks():
    os.makedirs("masks")
    soft = [min(255, 5 * (i % SIZE[0])) for i in range(SIZE[0] * SIZE[1])]
    hard = [255 * (i % SIZE[0] > 30) for i in range(SIZE[0] * SIZE[1])]
    formats.png("soft.png", SIZE, 0, 8, soft)
    formats.png("hard.png", SIZE, 0, 8, hard)
    formats.png("none.png", SIZE, 0, 8, [0] * len(soft))
    formats.png("softcolour.png", SIZE, 2, 8, [v for v in soft for _ in range(3)])
    formats.png("seamask.png", (40, 30), 0, 16, levels((40, 30), 1, 65535))
    formats.pfm("over.pfm", SIZE, 1, [v / 200 for v in soft])
    formats.tiff("softhard.tif", [formats.Page(SIZE, 1, 8, bytes(data)) for data in (soft, hard)])
    for name in ("rgb8", "rgba8", "rgb16", "frame0", "frame1", "rgbf"):
        formats.png("masks/%s.png" % name, SIZE, 0, 8, soft if name != "frame1" else hard)


def make_tiff():
    page, size = formats.Page, SIZE
    rgb8, rgb16 = bytes(levels(size, 3, 255)), levels(size, 3, 65535)
    floats = values(size, 3)
    little = {channels: formats.pack(levels(size, channels, 65535), 0, 16, "<") for channels in (1, 3, 5)}
    data = struct.pack("<%df" % len(floats), *floats)
    write = formats.tiff
    write("rgb8.tif", [page(size, 3, 8, rgb8, rows=10)])
    write("rgb16big.tif", [page(size, 3, 16, formats.pack(rgb16, 0, 16, ">"), compression=8)], ">")
    write("rgb16.tif", [page(size, 3, 16, little[3], tile=16)], big=True)
    write("rgbf.tif", [page(size, 3, 32, data, form=3, rows=7)])
    write("wide.tif", [page(size, 3, 32, struct.pack("<%df" % len(floats), *(3 * v - 1 for v in floats)), form=3)])
    holes = [float("nan") if i % 50 == 0 else float("inf") if i % 77 == 0 else v for i, v in enumerate(floats)]
    hue = [(n + 1) * v for v in values(size, 1) for n in range(3)]  # two of ruderman's axes are constant but for rounding
    write("hue.tif", [page(size, 3, 32, struct.pack("<%df" % len(hue), *hue), form=3)])
    write("nan.tif", [page(size, 3, 32, struct.pack("<%df" % len(holes), *holes), form=3)])
    write("allnan.tif", [page(size, 1, 32, struct.pack("<f", float("nan")) * (size[0] * size[1]), form=3)])
    write("planar.tif", [page(size, 3, 8, bytes(planes(list(rgb8), 3)), planar=2, rows=20, compression=32773)])
    for bits in (1, 4):
        write("grey%d.tif" % bits, [page(size, 1, bits, formats.pack(levels(size, 1, 2**bits - 1), size[0], bits, "<"))])
    write("white1.tif", [page(size, 1, 1, formats.pack(levels(size, 1, 1), size[0], 1, "<"), photometric=0)])
    write("bits12.tif", [page(size, 1, 12, formats.pack(levels(size, 1, 4095), size[0], 12, "<"))])
    colours = [256 * v for c in range(3) for v in range(c, 256)] + [0] * 3
    write("palette.tif", [page(size, 1, 8, bytes(levels(size, 1, 255)), photometric=3, tags=[(320, 3, colours[:768])])])
    write("cmyk.tif", [page(size, 4, 8, bytes(levels(size, 4, 255)), photometric=5)])
    write("grey2.tif", [page(size, 2, 8, bytes(levels(size, 2, 255)), extra=[0])])
    write("five16.tif", [page(size, 5, 16, little[5], photometric=1, extra=[0] * 4)])
    rgba = levels(size, 4, 255, 0, True)
    write("straight.tif", [page(size, 4, 8, bytes(rgba), extra=[2])])
    premultiplied = [round(v * rgba[i // 4 * 4 + 3] / 255) if i % 4 < 3 else v for i, v in enumerate(rgba)]
    write("premultiplied.tif", [page(size, 4, 8, bytes(premultiplied), extra=[1])])
    soft = values(size, 4, 0, True)
    soft = [v * soft[i // 4 * 4 + 3] if i % 4 < 3 else v for i, v in enumerate(soft)]
    write("premultipliedf.tif", [page(size, 4, 32, struct.pack("<%df" % len(soft), *soft), form=3, extra=[1])])
    write("fivealpha.tif", [page(size, 5, 8, bytes(levels(size, 5, 255, 0, True)), extra=[0, 2])])
    write("turned.tif", [page(size, 3, 8, rgb8, tags=[(274, 3, [8]), (282, 5, [(300, 1)]), (283, 5, [(300, 1)]),
                                                    (34675, 7, formats.icc()), (270, 2, b"words\0")])])
    write("pages.tif", [page(size, 3, 8, bytes(levels(size, 3, 255, n))) for n in range(4)])
    half = (size[0] // 2, size[1] // 2)
    write("pyramid.tif", [page(size, 3, 8, rgb8, tile=32),
                          page(half, 3, 8, bytes(levels(half, 3, 255)), tags=[(254, 4, [1])])])
    write("mixed.tif", [page(size, 3, 8, rgb8), page(half, 3, 16, formats.pack(levels(half, 3, 65535), 0, 16, "<"))])
    write("masked.tif", [page(size, 3, 8, rgb8), page(size, 1, 1, formats.pack(levels(size, 1, 1), size[0], 1, "<"),
                                                     photometric=4, tags=[(254, 4, [4])])])


def make_plain():
    """BMP, PNM and PFM."""
    size, width = SIZE, SIZE[0]
    rgb, grey = levels(size, 3, 255), levels(size, 1, 255)
    turned = [rgb[i // 3 * 3 + 2 - i % 3] for i in range(len(rgb))]
    formats.bmp("rgb.bmp", size, 24, formats.split(bytes(turned), 3 * width))
    formats.bmp("grey.bmp", size, 8, formats.split(bytes(grey), width), [(i, i, i) for i in range(256)])
    bits = formats.pack(levels(size, 1, 1), width, 1, "<")
    formats.bmp("two.bmp", size, 1, formats.split(bits, len(bits) // size[1]), [(20, 40, 60), (250, 200, 220)])
    formats.pnm("bits.pbm", "P4", size, 1, levels(size, 1, 1))
    formats.pnm("plain.pbm", "P1", size, 1, levels(size, 1, 1))
    formats.pnm("plain.pgm", "P2", size, 15, levels(size, 1, 15))
    formats.pnm("plain.ppm", "P3", size, 1023, levels(size, 3, 1023))
    formats.pnm("grey.pgm", "P5", size, 65535, levels(size, 1, 65535))
    formats.pnm("rgb.ppm", "P6", size, 255, rgb)
    for channels in range(1, 5):
        alpha = channels % 2 == 0
        formats.pnm("a%d.pam" % channels, "P7", size, 255 if channels < 4 else 65535,
                    levels(size, channels, 255 if channels < 4 else 65535, 0, alpha), channels)
    frames = []
    for n in range(6):
        formats.pnm("frame.ppm", "P6", size, 255, levels(size, 3, 255, n * 3 % 5))
        with open("frame.ppm", "rb") as file:
            frames.append(file.read())
    formats.save("frames.ppm", *frames)
    floats = values(size, 3)
    formats.pfm("rgb.pfm", size, 3, floats)
    formats.pfm("grey.pfm", size, 1, [2 * v for v in floats[::3]], ">")
    formats.pfm("nan.pfm", size, 3, [float("nan") if i % 40 == 0 else v for i, v in enumerate(floats)])


def make_npy():
    chw = planes(values(SIZE, 3), 3)
    shape = (3, SIZE[1], SIZE[0])
    for kind in ("<f4", ">f4", "<f2", "<f8"):
        formats.npy("%s%s.npy" % (kind[1:], "big" if kind[0] == ">" else ""), shape, kind, [4 * v - 2 for v in chw])
    formats.npy("u1.npy", shape, "|u1", [round(255 * v) for v in chw])
    formats.npy("u2.npy", shape, "<u2", [round(65535 * v) for v in chw])
    for kind, most in ("|i1", 127), ("<i2", 32767), (">i4", 2**31 - 1), ("<i8", 2**52):
        formats.npy(kind[1:] + ".npy", shape, kind, [round(most * (2 * v - 1)) for v in chw])
    for kind, most in ("<u4", 2**32 - 1), ("<u8", 2**53):
        formats.npy(kind[1:] + ".npy", shape, kind, [round(most * v) for v in chw])
    formats.npy("b1.npy", shape, "|b1", [v > 0.5 for v in chw])
    formats.npy("nhwc.npy", (2, 20, 20, 3), "|u1", [round(255 * v) for v in 2 * values((20, 20), 3)])
    formats.npy("plane.npy", SIZE[::-1], "<f4", chw[:SIZE[0] * SIZE[1]])
    formats.npy("many.npy", (4, 3, 20, 30), "<f4", [v for n in range(4) for v in planes(values((30, 20), 3, n), 3)])
    formats.npy("six.npy", (6,) + SIZE[::-1], "<f4", planes(values(SIZE, 6), 6))
    formats.npy("holes.npy", shape, "<f4", [float("nan") if i % 30 == 0 else float("-inf") if i % 71 == 0 else v
                                            for i, v in enumerate(chw)])
    formats.npy("alpha.npy", (1,) + SIZE[::-1], "<f4", [float("inf")] * (SIZE[0] * SIZE[1]))
    formats.npy("hwc.npy", (20, 20, 3), "<f4", values((20, 20), 3))
    formats.npy("fortran.npy", (3, 5, 4), "<f4", values((5, 4), 3), True)
    formats.npy("signed.npy", (3, 5, 4), "<i4", list(range(60)))
    formats.npy("line.npy", (60,), "<f4", values((5, 4), 3))


def run_old(runner, command):
    status, _, errors = runner.shell("old", command, runner.inputs, runner.work)
    if status != 0:
        raise SystemExit("same_outputs.py: OLD fails to make an input: %s: %s" % (command, errors.decode("utf-8", "replace")))


def make_by_old(runner):
    """JPEG and WebP files, and statistics files of every space."""
    os.makedirs("made")
    for command in ("-c none rgb8.png made/rgb.jpg", "-c none grey8.png made/grey.jpg", "-c none -q 40 other.png made/q40.jpg",
                    "-c none rgb8.png made/lossy.webp", "-c none -z 6 rgba8.png made/lossless.webp",
                    "-c none -z 6 soft.png made/mask.webp", "-c none meta1.png made/meta.jpg",
                    "-c none rgba8.png made/rgba.bmp", "-c none -z 4 meta6.png made/meta.webp",
                    "--stats --save-stats made/grey.json greysea.png", "--stats --save-stats made/two.json sea.png rgb8.png",
                    "--fit other.png --save-stats made/fit.json rgb8.png /dev/null -f png"):
        run_old(runner, "instnorm-cli -Q " + command)
    for space in SPACES:
        for of in ("sea", "rgb8"):
            run_old(runner, "instnorm-cli -S %s --stats --save-stats made/%s.%s.json %s.png" % (space, space, of, of))
    with open("made/rgb.jpg", "rb") as file:
        jpeg = file.read()
    for n in range(1, 9):
        formats.jpeg_with("made/turned%d.jpg" % n, jpeg, [(0xe1, b"Exif\0\0" + formats.exif(n))])
    formats.jpeg_with("made/all.jpg", jpeg, [(0xe1, b"Exif\0\0" + formats.exif(1)),
                                             (0xe2, b"ICC_PROFILE\0\1\1" + formats.icc()),
                                             (0xe1, b"http://ns.adobe.com/xap/1.0/\0" + formats.XMP), (0xfe, b"a comment")])
    parts = formats.Page(SIZE, 3, 8, bytes(3 * SIZE[0] * SIZE[1]), photometric=6, compression=7, tags=[(530, 3, [2, 2])])
    parts.parts = [jpeg]
    formats.tiff("made/jpeg.tif", [parts])


def make_broken():
    """Parts of files of each format, files with a wrong byte, and files of formats that are not read."""
    os.makedirs("broken")
    for whole in ("rgb8.png", "rgb8.tif", "rgb16big.tif", "rgb.bmp", "rgb.ppm", "plain.ppm", "a4.pam", "rgb.pfm", "f4.npy",
                  "made/rgb.jpg", "made/lossy.webp", "made/lossless.webp", "made/rgb.sea.json"):
        with open(whole, "rb") as file:
            data = file.read()
        base = os.path.basename(whole)
        for name, part in (("1", 1), ("4", 4), ("12", 12), ("40", 40), ("half", len(data) // 2), ("most", len(data) - 1)):
            formats.save("broken/%s.%s" % (name, base), data[:part])
        formats.save("broken/more.%s" % base, data, b"more")
        middle = len(data) // 2
        formats.save("broken/wrong.%s" % base, data[:middle], bytes([data[middle] ^ 0xff]), data[middle + 1:])
    for name, data in (("empty.png", b""), ("words.png", b"no picture\n"), ("a.gif", b"GIF89a" + bytes(40)),
                       ("a.heic", b"\0\0\0\x18ftypheic" + bytes(40)), ("a.pdf", b"%PDF-1.4\n"),
                       ("a.webp", b"RIFF\x04\0\0\0WEBP"), ("a.json", b"{}"), ("b.json", b'{"instnorm": 2}'),
                       ("zero.ppm", b"P6\n0 4\n255\n"), ("large.ppm", b"P6\n70000 70000\n255\n"),
                       ("over.pgm", b"P2\n2 1\n9\n4 12\n"), ("max.pgm", b"P5\n2 1\n70000\nabcd"),
                       ("scale.pfm", b"Pf\n1 1\n0\nabcd")):
        formats.save("broken/" + name, data)


def make(runner, root, corpus):
    """Fills the folder of inputs of the runner."""
    os.makedirs(runner.inputs)
    for source, target in (("samples/pictures", "samples"), ("tests/pictures", "tiny")):
        os.makedirs(os.path.join(runner.inputs, target))
        for name in sorted(os.listdir(os.path.join(root, source))):
            if not name.endswith(".py"):
                shutil.copy(os.path.join(root, source, name), os.path.join(runner.inputs, target))
    before = os.getcwd()
    corpus = corpus and os.path.abspath(corpus)
    os.chdir(runner.inputs)
    for step in (make_png, make_masks, make_tiff, make_plain, make_npy):
        step()
    make_by_old(runner)
    make_broken()
    if corpus:
        copy_corpus(corpus)
    os.chdir(before)


def copy_corpus(corpus, largest=800000):
    """The pictures of the corpus by numbers and extension, for some of their paths are long or hard to read in a shell."""
    os.makedirs("corpus")
    for path, folders, names in os.walk(corpus):
        folders.sort()
        for name in sorted(names):
            source = os.path.join(path, name)
            if name.rsplit(".", 1)[-1] in ("png", "jpg", "bmp", "pgm", "ppm", "pfm", "tif", "webp", "hdr", "gif", "tga") \
                    and os.path.getsize(source) <= largest:
                group = os.path.relpath(source, corpus).split(os.sep)[0]
                shutil.copyfile(source, os.path.join("corpus", "%s-%s" % (group, name)))
