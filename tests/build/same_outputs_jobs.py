"""Jobs that mostly succeed, as products of short lists: each is a shell command. Words that name an input, as rgb8.png or
made/rgb.jpg, are there in the job's folder; all other names are outputs."""
import itertools
import os

from same_outputs_inputs import SPACES

EXTENSIONS = ("png", "jpg", "tif", "webp", "bmp", "ppm", "pfm", "npy")
KINDS = ("instance", "layer", "group:3", "batch")
TYPES = ("rgb8.png", "rgba16.png", "grey8.png", "rgbf.tif", "straight.tif", "made/rgb.jpg", "f4.npy")
# Spaces with a target that each of them takes.
ASKED = ("-S rgb", "-S linear", "-S lab", "-S oklab", "-S ruderman -s sea.png")


def each(text, **lists):
    """The text with {NAME} replaced by each item of each list in turn."""
    for items in itertools.product(*lists.values()):
        yield "instnorm-cli " + text.format(**dict(zip(lists, items)))


def rotate(names, others, step):
    """Pairs in which each name meets `step` of the others, another choice each time."""
    return [(name, others[(step * i + j) % len(others)]) for i, name in enumerate(names) for j in range(step)]


def pictures(inputs, folder="."):
    """The inputs of a folder that are pictures or tensors."""
    names = sorted(os.listdir(os.path.join(inputs, folder)))
    return [os.path.join(folder, name) if folder != "." else name for name in names
            if name.rsplit(".", 1)[-1] in ("png", "jpg", "tif", "webp", "bmp", "pbm", "pgm", "ppm", "pam", "pfm", "npy")]


def formats(inputs):
    """Every kind of input, to each format, depth and space."""
    all_inputs = pictures(inputs) + pictures(inputs, "tiny") + pictures(inputs, "made")
    names = ["-v %s o.%s" % pair for pair in rotate(all_inputs, EXTENSIONS, 3)]
    names += ["%s --json %s o.%s" % (ASKED[i % 5], *pair) for i, pair in enumerate(rotate(all_inputs, EXTENSIONS, 1))]
    yield from each("{job}", job=names)
    yield from each("-v --depth {depth} {type} o.{extension}", depth=("8", "16", "float"), type=TYPES,
                    extension=("png", "tif", "ppm", "pfm", "npy", "webp"))
    yield from each("-v --depth {depth} {type} o.{extension}",
                    depth=("bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float16", "float32", "float64"),
                    type=("rgba8.png", "nan.tif", "i2.npy", "i4.npy", "u4.npy", "f8.npy", "b1.npy"), extension=("png", "tif", "npy"))
    yield from each("{how} {types} {file}", how=("-v", "--stats", "-N batch -S lab", "--strength 0"),
                    types=("", "--layout hwc", "--layout nhwc"),
                    file=("hwc.npy o.npy", "nhwc.npy o.npy", "plane.npy o.tif", "rgb8.png o.npy"))
    yield from each("-c none {type} o.{extension}", type=TYPES + ("made/lossless.webp", "palette4.png", "five16.tif"),
                    extension=EXTENSIONS)


def spaces(inputs):
    """Spaces by kinds, targets and channels."""
    yield from each("-v {space} -N {kind} {type} o.{extension}", space=ASKED, kind=KINDS, type=TYPES[:4], extension=("tif",))
    yield from each("-v {space} -N {kind} {type} o.{extension}", space=ASKED[:2],
                    kind=("group:1", "group:2", "group:5", "layer"),
                    type=("six.npy", "five16.tif", "many.npy", "fivealpha.tif", "grey2.tif"), extension=("npy", "tif"))
    targets = ("-g 0.1", "-b 0.3", "-g 32/255 -b 128/255", "-g keep -b 0.6", "-g 0.1,0.2,keep -b keep,0.4,0.3", "-e 0",
               "-e 0.01", "--strength 0.4", "--strength 0", "--strength 1/3 -g keep", "-g 0.9 -b 0.9", "-g 0")
    yield from each("-v {space} {target} {type} o.png", space=ASKED[:4], target=targets, type=("rgb8.png", "rgba16.png"))
    yield from each("-v -S ruderman -g {gamma} -b {beta} rgb8.png o.png", gamma=("0.5", "0.5,0.1,keep"),
                    beta=("9", "9,0,0.1", "keep"))
    yield from each("-v {space} {how} hue.tif o.{extension}", space=ASKED, how=("", "-e 0", "-N batch", "--deflicker 2"),
                    extension=("png --depth 16", "tif"))
    for space, channels in (("rgb", "R G,B 0,2 r none"), ("linear", "R G,B 0 none"), ("lab", "L a,b 0 none"),
                            ("oklab", "L a 1,2"), ("ruderman", "l alpha,beta 0")):
        yield from each("-v -S {space} -s sea.png -c {channels} {type} o.{extension}", space=[space], channels=channels.split(),
                        type=("rgb8.png", "wide.tif"), extension=("png", "tif"))
    yield from each("-v {space} --rgb {type} o.png", space=ASKED, type=("grey8.png", "greya16.png", "rgba8.png"))
    yield from each("-v {space} --alpha-as-data {type} o.{extension}", space=ASKED, extension=("png", "tif"),
                    type=("rgba8.png", "greya16.png", "premultiplied.tif", "rgb8.png"))
    yield from each("-v {space} --dither {depth} {type} o.png", space=ASKED, depth=("", "--depth 8"),
                    type=("rgb16.png", "rgbf.tif", "rgba8.png"))
    yield from each("-v {space} samples/{name} o.{extension}", space=ASKED, extension=("png",),
                    name=("dusk.jpg", "fog.jpg", "portrait.png", "sky16.png"))


def masks(inputs):
    """Selectors where it is measured, where it is changed and where a style is measured."""
    selectors = ("soft.png", "hard.png", "softcolour.png", "over.pfm", "masks/", "below:0.5", "above:0.4", "not:0", "not:nan",
                 "none.png", "all", "below:1/3 --mask soft.png", "softhard.tif")
    yield from each("-v {space} --mask {mask} {apply} {type} o.png", space=("-S rgb", "-S lab"), mask=selectors,
                    apply=("", "--apply-mask same"), type=("rgb8.png", "rgba16.png"))
    yield from each("-v {space} --apply-mask {mask} {type} o.{extension}", space=("-S rgb", "-S linear", "-S oklab"),
                    mask=("soft.png", "hard.png", "masks", "below:0.5", "not:0.5", "none.png"), type=("rgb8.png", "rgbf.tif"),
                    extension=("tif",))
    yield from each("-v {space} -s sea.png --style-mask {mask} {more} rgb8.png o.png", space=ASKED,
                    mask=("seamask.png", "below:0.5", "above:0.5", "all", "not:0", "soft.png"), more=("", "--mask above:0.3"))
    yield from each("-v --mask {mask} --apply-mask {apply} {type} o.{extension}", mask=("soft.png", "above:0.2"),
                    apply=("hard.png", "same", "same --apply-mask below:0.7"),
                    type=("pages.tif", "straight.tif", "nan.tif", "f4.npy"), extension=("tif", "npy"))
    yield from each("-v {space} --mask softhard.tif --apply-mask softhard.tif {type} o.tif", space=ASKED,
                    type=("mixed.tif", "rgb8.tif"))
    yield from each("-v -N {kind} --mask masks --apply-mask same -o out/ rgb8.png rgb16.png frame0.png frame1.png",
                    kind=("instance", "layer", "batch"))


def styles(inputs):
    """Styles, fits, statistics that are given or saved, and tables."""
    sources = ("-s sea.png", "-s greysea.png", "-s other.png@2 -s sea.png@1/3", "-s pages.tif", "-s many.npy", "-s rgba16.png",
               "-s flat.png", "-s samples/room.jpg --strength 0.5", "-s sea.png -b keep", "-s sea.png -g keep,keep,keep",
               "--fit other.png", "--fit rgb8.png", "--fit contrast.png", "--fit wide.tif", "--fit sea.png")
    yield from each("-v {space} {source} {type} o.png", space=["-S " + s for s in SPACES], source=sources,
                    type=("rgb8.png", "rgba8.png"))
    yield from each("-v {kind} {source} {type} o.tif", kind=("-N layer", "-N group:3", "-N batch", "-S linear -N layer"),
                    source=("-s sea.png", "-s made/rgb.sea.json", "--fit other.png"), type=("rgb8.png", "grey8.png --rgb"))
    yield from each("-v {how} rgb8.png o.png", how=("-s made/two.json", "-s made/fit.json",
                                                    "-s made/two.json@2 -s made/fit.json",
                                                    "--use-stats made/two.json -s made/fit.json"))
    yield from each("--stats {how} made/two.json made/fit.json rgb8.png", how=("", "--json", "--save-stats s.json"))
    yield from each("-v -s {source} {type} o.tif", source=("greysea.png", "made/grey.json", "grey16.png@3 -s made/grey.json"),
                    type=("grey8.png", "greya16.png", "grey4.tif", "rgb8.png", "rgb8.png --rgb"))
    yield from each("-v --fit {fit} {mask} {type} o.tif", fit=("other.png", "pages.tif", "rgba8.png", "grey8.png", "nan.tif"),
                    mask=("", "--mask soft.png --apply-mask same"), type=("pages.tif", "rgb8.png", "grey8.png", "straight.tif"))
    for space in SPACES:
        sea, own = ("made/%s.%s.json" % (space, name) for name in ("sea", "rgb8"))
        yield from each("-v -S {space} {given} {type} o.png", space=[space], type=("rgb8.png", "rgba16.png"),
                        given=("-s " + sea, "-s %s@2 -s other.png" % sea, "--use-stats %s -s %s" % (own, sea),
                               "--use-stats %s -g 0.2,0.1,0.1 -b 0.3" % own,
                               "--use-stats %s -s sea.png --save-stats s.json" % own, "--use-stats - -s sea.png <%s" % own,
                               "--use-stats %s" % own, "-s %s -s made/rgb.sea.json" % own))
        yield from each("-S {space} {how} --save-stats {file} {type}", space=[space], file=("s.json", "-"),
                        type=("rgb8.png other.png",),
                        how=("--stats", "--stats --mask soft.png", "-s sea.png -o out/", "--fit rgba8.png -o out/"))
        yield from each("-S {space} {how} --save-stats {file} rgb8.png o.png", space=[space], file=("s.json", "-"),
                        how=("-s sea.png", "--fit other.png", "--fit other.png --mask soft.png", "--deflicker 2"))
        yield from each("-S {space} {how} --lut {file} rgb8.png o.png", space=[space], file=("o.cube",),
                        how=("-s sea.png", "-s sea.png --strength 0.5 -c 0", "--use-stats {0} -s sea.png".format(own)))
    yield from each("-v {space} --mean {mean} --std {std} {give} {type}", space=("-S rgb", "-S linear", "-S lab"),
                    mean=("0.5", "0.4,0.5,0.6"), std=("0.2", "0.1,0.2,0.3", "0"), give=("-g 0.3", "-b 0.2", "-s sea.png", ""),
                    type=("rgb8.png o.png", "f4.npy o.npy"))
    yield from each("{map} --lut o.cube rgb8.png o.png",
                    map=("-g 1.9", "-S linear -g 1.9 -b 1", "-S lab -g 300 -b 50", "-S oklab -g 3 -b 0.5",
                         "-S ruderman -g 9 -b 20"))
    yield from each("-v {space} --mean 50,2,3/2 --std 9,8,7 {give} {type}", space=("-S lab", "-S ruderman"),
                    give=("-s sea.png", "-g 20,keep,5 -b 40"), type=("rgb8.png o.png", "rgbf.tif o.tif"))
    yield from each("{how} --lut o.cube {type} o.png",
                    how=("-N batch", "-N layer", "-g 0.1 -b 0.2", "--mask soft.png", "-S lab"),
                    type=("grey8.png", "rgba8.png", "greya16.png"))


def series(inputs):
    """Several pictures: batches, --deflicker and stacks."""
    frames = " ".join("frame%d.png" % n for n in range(6))
    how = ["--deflicker %s" % n for n in (1, 2, 3, 4, 100)] + ["-N batch", "-N batch -s sea.png",
                                                               "-N batch --save-stats s.json", "--deflicker 3 -N layer",
                                                               "--deflicker 2 --mask above:0.3 --apply-mask same",
                                                               "--deflicker 3 --strength 0.5 -c 0", "--save-stats s.json",
                                                               "-N batch --lut o.cube"]
    yield from each("-v {space} {how} -o out/ {files}", space=("-S rgb", "-S lab"), how=how,
                    files=(frames, "rgb8.png clear.png nan.tif flat.png frame3.png"))
    yield from each("--json {space} {how} {files}", space=("-S rgb", "-S linear", "-S oklab"),
                    how=("--deflicker 3", "-N batch", "-N instance"),
                    files=("frames.ppm o.ppm", "pages.tif o.tif", "many.npy o.npy", "mixed.tif o.tif",
                           "rgb8.png pages.tif frames.ppm -f tif -o out/"))
    yield from each("{how} -o o.npy {files}",
                    how=("-v", "-v --depth 8 -g 64 -b 128", "-v --rgb", "-S lab", "-N batch", "--deflicker 3 --json"),
                    files=("frame0.png frame1.png", "rgb8.png grey8.png", "f4.npy u1.npy", "f2.npy rgb8.png",
                           "frame0.png frame5.png", "many.npy many.npy", "rgba8.png pages.tif"))
    yield from each("{how} {file} o.{extension}", how=("-v", "--json -S lab"),
                    file=("pages.tif", "frames.ppm", "mixed.tif", "pyramid.tif", "masked.tif", "many.npy"),
                    extension=("tif", "ppm", "npy", "png"))


def reports(inputs):
    """What is told, with and without an output."""
    types = TYPES + ("clear.png", "flat.png", "nan.tif", "holes.npy", "six.npy", "pages.tif", "made/rgb.sea.json", "cmyk.tif",
                     "black.png")
    yield from each("--stats {how} {type}", type=types,
                    how=("", "--json", "--rgb", "-S lab", "-S linear --json", "--mask above:0.3", "--mask all -v",
                         "--alpha-as-data", "--save-stats s.json"))
    yield from each("{how} {type} o.{extension}", type=types, extension=("png", "npy"),
                    how=("--json -S linear", "-Q", "--fail-on-clip 0", "--fail-on-clip 3 -g 0.4", "--dry-run"))
    yield from each("{space} --fail-on-clip {most} {type} - >o.png", space=ASKED, most=("0", "1", "30"),
                    type=("rgb8.png", "contrast.png"))
    yield from each("{option}", option=("--help", "--help=all", "-h", "--version", "-V", "--help --version", "-Vh", ""))


def outputs(inputs):
    """Where outputs go, and what they replace."""
    copy = "cp {0} x.{1}; instnorm-cli"
    for name, extension in (("rgb8.png", "png"), ("made/rgb.jpg", "jpg"), ("pages.tif", "tif"), ("frames.ppm", "ppm"),
                            ("many.npy", "npy"), ("cmyk.tif", "tif"), ("grey4.png", "png"), ("made/lossy.webp", "webp"),
                            ("rgb.bmp", "bmp")):
        for options in ("--in-place", "--in-place -v --save-stats s.json", "--suffix=-norm", "--suffix=-b -f png", "-o out/",
                        "-o out/a/b/", "-o y.%s" % extension, "-n -o x.%s other.png" % extension, "-f tif -o noext",
                        "--dry-run --in-place"):
            yield "%s %s x.%s" % (copy.format(name, extension), options, extension)
    before = ("touch o.png", "echo words >o.png", "cp other.png o.png", "cp f4.npy o.png", "mkdir o.png", "ln -s nowhere o.png",
              "cp other.png y.png; ln -s y.png o.png", "ln -s rgb8.png o.png", "ln rgb8.png o.png", "ln -s o.png o.png",
              "cp made/rgb.sea.json o.png", "cp other.png o.png; chmod 400 o.png", "umask 077")
    yield from ("%s; instnorm-cli -v %s rgb8.png o.png" % pair for pair in itertools.product(before, ("", "-n", "--force")))
    yield from ("mkfifo o.png; cat o.png >y & instnorm-cli %s rgb8.png o.png" % options
                for options in ("-v", "--force", "--fail-on-clip 50"))
    targets = itertools.product(("echo words >s.x", "touch s.x", "cp made/rgb.sea.json s.x", "cp rgb8.png s.x", "mkdir s.x",
                                 ":"), ("--save-stats s.x", "--lut s.x", "--force --save-stats s.x", "--force --lut s.x",
                                        "--save-stats rgb8.png", "--lut o.png", "--save-stats d/s.x"))
    yield from ("%s; instnorm-cli %s -v rgb8.png o.png" % pair for pair in targets)
    yield from each("{how} {files}", how=("-o out/", "-o out", "--suffix _x", "-f png -o out/", "--dry-run -o out/",
                                          "-n -o out/", "--dry-run --json -o out"),
                    files=("rgb8.png grey8.png", "rgb8.png rgb8.png", "rgb8.png rgb8.tif", "rgb8.png tiny/rgb8.png",
                           "rgb8.png missing.png other.png", "-- rgb8.png"))


def metadata(inputs):
    """Metadata between formats, orientation and how hard it is compressed."""
    told = ("meta1.png", "meta6.png", "made/all.jpg", "made/meta.jpg", "made/meta.webp", "turned.tif", "tiny/text.png",
            "made/jpeg.tif")
    yield from each("-v {how} {name} o.{extension}",
                    how=("", "-c none", "--strip", "--auto-orient", "--auto-orient --strip", "--rgb --depth 16", "-S lab"),
                    name=told, extension=("png", "jpg", "tif", "webp", "ppm"))
    yield from each("-v {how} made/turned{n}.jpg o.{extension}",
                    how=("--auto-orient", "--auto-orient -q keep --mask soft.png", "--fit made/turned6.jpg --auto-orient"),
                    n=range(1, 9), extension=("jpg", "png"))
    yield from each("-v {quality} {name} o.{extension}",
                    quality=("-q 1", "-q 75", "-q 100", "-q keep", "-z 0", "-z 9", "-z 3 -q 50"),
                    name=("rgb8.png", "made/q40.jpg", "made/grey.jpg", "made/lossy.webp", "made/lossless.webp", "made/jpeg.tif",
                          "grey8.png"), extension=("png", "jpg", "webp", "tif"))


def memory(inputs):
    """Pictures that are read twice, within budgets that suffice and that do not."""
    large = ("samples/dusk.jpg", "samples/sky16.png", "tiny/interlaced.png", "rgb.bmp", "made/lossy.webp", "rgb16.tif",
             "planar.tif", "many.npy", "rgb.ppm", "rgb.pfm")
    yield from each("-v --memory {size} {how} {name} o.tif", size=("1", "20K", "600K", "2M"),
                    how=("", "-S lab", "-N layer", "--auto-orient"), name=large)
    yield from each("--memory {size} {how} -o out/ rgb8.png frame0.png samples/fog.jpg", size=("1K", "200K", "1M"),
                    how=("-N batch", "--deflicker 2", "--mask masks/", "--fit other.png", "--save-stats s.json",
                         "-S lab --mask below:0.8 --apply-mask same"))
    yield from each("-v --memory {size} {beside} {name} o.png", size=("3K", "9K", "14K", "20K", "30K", "60K"),
                    name=("rgb8.png", "made/lossy.webp"),
                    beside=("--mask made/mask.webp", "--apply-mask made/mask.webp --mask made/mask.webp",
                            "--fit made/lossless.webp", "-s made/lossy.webp"))
    yield from each("--max-pixels {most} {name} o.png", most=("1", "2K", "2867", "2866"),
                    name=("rgb8.png", "rgb8.tif", "made/rgb.jpg", "rgb.ppm", "f4.npy"))


def pipes(inputs):
    """Standard input and output."""
    types = ("rgb8.png", "made/rgb.jpg", "rgbf.tif", "made/lossy.webp", "rgb.bmp", "frames.ppm", "rgb.pfm", "many.npy",
             "pages.tif", "grey.pgm")
    for options in ("", "-v", "-f png", "-f tif --depth 16", "-f npy", "-N batch", "--deflicker 3", "--memory 2K", "--json",
                    "-S lab -f jpg --depth 8"):
        yield from ("cat %s | instnorm-cli %s - - >o" % (name, options) for name in types)
    yield from ("instnorm-cli %s - - <%s | cat >o" % pair for pair in itertools.product(("-f tif", "-f pfm",
                                                                                         "-f npy --fail-on-clip 0", ""), types))
    yield from each("{options} <rgb8.png >o", options=("--stats -", "--stats --json -", "- - -o out/", "--in-place -",
                                                       "-s - rgb8.png -", "--mask - rgb8.png -", "--fit - other.png -",
                                                       "- o.png -o -", "-f ppm -o - rgb8.png other.png",
                                                       "-f tif -o - rgb8.png other.png", "-f png -o - rgb8.png other.png",
                                                       "-f npy -o - rgb8.png other.png", "--save-stats - - o.png",
                                                       "--lut - - o.png", "--json --save-stats - - o.png",
                                                       "/dev/stdin /dev/stdout -f png", "--suffix x -", "- out/",
                                                       "-N batch -o out/ - rgb8.png", "--use-stats - -s sea.png - o.png"))
    yield from ("instnorm-cli -Q -f tif --depth float rgb8.png - | instnorm-cli -v %s - o.tif" % space for space in ASKED)


def groups(inputs):
    return {make.__name__: list(make(inputs)) for make in (formats, spaces, masks, styles, series, reports, outputs, metadata,
                                                           memory, pipes)}
