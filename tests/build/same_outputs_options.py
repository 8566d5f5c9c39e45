"""Jobs about the command line itself: values of each option, pairs of options, names and operands."""
import itertools

from same_outputs_jobs import each

# Every option with a value that it takes.
GOOD = ("-g 0.2", "-b 0.4", "-s sea.png", "--fit other.png", "--deflicker 2", "--strength 0.5", "-N layer", "-N batch",
        "-N group:3", "-S linear", "-S lab", "-S ruderman", "-c 0", "-c none", "-e 0.001", "--mean 0.5", "--std 0.2",
        "--use-stats made/rgb.rgb8.json", "--mask soft.png", "--mask above:0.3", "--mask all", "--apply-mask hard.png",
        "--apply-mask same", "--style-mask above:0.1", "--alpha-as-data", "-o o.tif", "--suffix _a", "-f tif", "-f npy", "--per-file 2",
        "--depth 16", "--depth float", "--rgb", "--dither", "--auto-orient", "--strip", "-q 70", "-z 2", "-n", "--force",
        "--in-place", "--preserve", "--stats", "--total", "--save-stats s.json", "--save-stats -", "--json", "--lut o.cube",
        "--fail-on-clip 2", "-v", "--memory 40K", "--max-pixels 2K", "--files-from none.list", "-0", "--pairs", "-r",
        "--dry-run", "-Q", "-V", "-h", "--completions fish")

TAKE_LIST = ("gamma", "beta", "mean", "std")
TAKE_NUMBER = ("strength", "eps", "fail-on-clip", "deflicker", "quality", "compression", "memory", "max-pixels")
TAKE_WORD = ("norm", "space", "channels", "format", "depth", "suffix", "output", "style", "fit", "use-stats", "mask",
             "apply-mask", "style-mask", "save-stats", "lut", "completions")
FLAGS = ("alpha-as-data", "rgb", "dither", "auto-orient", "strip", "no-clobber", "force", "in-place", "stats", "total",
         "json", "verbose", "dry-run", "quiet", "help", "version")

NUMBERS = ("", "x", "-1", "0", "1", "2", "101", "nan", "inf", "1e999", "0x10", " 1", "1 ", "1/0", "1/2/3", "1e-400", "64", "3G",
           "2GiB", "5Q", "keep", "99999999999999999999", "0.5")
LISTS = ("0.1,", ",0.1", "0.1,,0.2", "0.1,0.2", "0.1,0.2,0.3,0.4", "keep,0.2,keep", "keep,x", "64/255,1/3,0.2")
WORDS = ("", "x", "missing.png", "broken/empty.png", "broken/words.png", "broken/b.json", "rgb8.png", "made/lab.sea.json",
         "masks", "masks/", "/dev/null", "a/b", ".", "sea.png@0", "sea.png@x", "layer", "group", "group:0", "group:2",
         "group:x", "LAB", "L", "R,x", "3", "0,,1", ",0", "none,R", "gif", "pbm", ".png", "PNG", "12", "below:", "below:2",
         "above:x", "not:", "not:nan", "same", "all", "./all", "below:-1", "sea.png", "softhard.tif")


def values(inputs):
    """Good and bad values of each option."""
    yield from each("--{option} '{value}' rgb8.png o.png", option=TAKE_LIST, value=NUMBERS + LISTS)
    yield from each("--{option} '{value}' rgb8.png o.png", option=TAKE_NUMBER, value=NUMBERS)
    yield from each("--{option} '{value}' rgb8.png o.png", option=TAKE_WORD, value=WORDS)
    yield from each("-S {space} --{option} '{value}' {type} o.png", space=("lab", "linear"), option=("channels", "gamma"),
                    type=("rgb8.png", "grey8.png", "six.npy"), value=("L", "R", "grey", "a,b", "0.1", "0.1,0.2", "5", "70"))
    yield from each("--mean 0.5 --std {std} {give} rgb8.png o.png", std=("-0.1", "0.2,0.2", "keep", "0.2"),
                    give=("-g 64", "-b 300", "-g -1", "-g keep"))


def pairs(inputs):
    """Any two options."""
    yield from ("instnorm-cli %s %s rgb8.png%s" % (*pair, "" if {"-o o.tif", "--suffix _a", "--in-place",
                                                                 "--stats", "--total"} & set(pair) else " o.png")
                for pair in itertools.combinations(GOOD, 2))


def names(inputs):
    """Names of options: whole, shortened, wrong, with a value too many and without one; operands."""
    takers = TAKE_LIST + TAKE_NUMBER + TAKE_WORD
    every = takers + FLAGS
    yield from each("--{option}=", option=every)
    yield from each("rgb8.png o.png --{option}", option=every)
    yield from each("--{option}=1 rgb8.png o.png", option=FLAGS)
    yield from each("--{option} 1 rgb8.png o.png",
                    option=sorted({name[:n] for name in every for n in range(1, 5)} - set(every)))
    yield from each("{option} rgb8.png o.png", option=("--gama 1", "--Gamma=1", "--stat", "--nothing", "-x", "-g", "-vx", "-vQ",
                                                       "-g0.1 -vb0.2", "--=", "--x=1", "-?", "-:", "-W", "--quite",
                                                       "--in-place=", "--help=some", "--help=", "-hall", "--version=1"))
    yield from each("{operands}", operands=("", "rgb8.png", "-", "--", "-v", "rgb8.png o.png other.png", "rgb8.png o.x",
                                            "rgb8.png o", "rgb8.png o.gif", "missing.png o.png", "masks o.png",
                                            "rgb8.png rgb8.png", "rgb8.png ./rgb8.png", "rgb8.png ''", "'' o.png",
                                            "-o '' rgb8.png", "--in-place", "--stats", "--stats ''",
                                            "rgb8.png /dev/full -f png", "rgb8.png nowhere/", "rgb8.png rgb8.png/",
                                            "rgb8.png rgb8.png/o.png", "rgb8.png -o o.png -o y.png", "-- rgb8.png -o.png",
                                            "-o o.png rgb8.png other.png", "rgb8.png \"$(printf 'a\\033\\177b\\n.png')\"",
                                            "\"$(printf 'a\\033\\177\\377b\\n.png')\" o.png",
                                            "--json rgb8.png \"$(printf 'n\\344\\n.png')\"", "\"it's.png\" o.png",
                                            "--style \"$(printf 'a\\177')\" rgb8.png o.png"))


def groups(inputs):
    return {make.__name__: list(make(inputs)) for make in (values, pairs, names)}
