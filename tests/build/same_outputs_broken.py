"""Jobs on inputs that are broken, missing or without anything that counts, and the pictures of the corpus."""
import itertools
import os

from same_outputs_jobs import ASKED, EXTENSIONS, each, rotate


def broken(inputs):
    """Broken inputs alone, as a style, as a mask and as statistics."""
    names = ["broken/" + name for name in sorted(os.listdir(os.path.join(inputs, "broken")))]
    yield from each("{job}", job=["-v %s o.%s" % pair for pair in rotate(names, ("png", "tif", "npy"), 1)])
    yield from each("--stats --json {name}", name=names)
    yield from each("{option} {name} rgb8.png o.png", name=names[::5], option=("--style", "--mask", "--fit", "--use-stats"))


def middle(inputs):
    """A batch of which one input fails, in each place."""
    how = ("-o out/", "-v -N batch -o out/", "--deflicker 2 -o out/", "--json -o out/", "-o o.npy",
           "--save-stats s.json -o out/", "--stats --json", "-N batch --lut o.cube -o out/", "--in-place", "--suffix _a",
           "--dry-run -o out/", "-S lab -s sea.png -o out/", "-f ppm -o - >o", "--mask masks/ -o out/",
           "--fail-on-clip 1 --json -o out/", "-n -o out/")
    bad = ("broken/wrong.rgb8.png", "broken/half.rgb.jpg", "missing.png", "grey8.png", "clear.png", "masks",
           "broken/half.rgb.ppm")
    for options, name, place in itertools.product(how, bad, (0, 1, 2)):
        files = ["frame0.png", "frame1.png"]
        files.insert(place, name)
        if place == 1 or options in how[:4]:
            before, _, after = options.partition(" >")
            yield "instnorm-cli %s %s%s" % (before, " ".join(files), " >" + after if after else "")


def nothing(inputs):
    """Pictures in which nothing counts."""
    empty = ("clear.png", "clear.other.png", "allnan.tif", "alpha.npy", "rgb8.png --mask none.png", "rgb8.png --mask below:0",
             "rgb8.png --mask below:0.5 --mask above:0.5")
    how = ("-v", "--json -S linear", "--stats", "-N batch --save-stats s.json", "--lut o.cube",
           "--use-stats made/rgb.rgb8.json -s sea.png", "--stats --save-stats s.json --rgb", "--deflicker 3", "--mask all",
           "-S lab --rgb -v")
    yield from ("instnorm-cli %s %s%s" % (options, name, "" if "--stats" in options.split() else " -o o.tif") for options in how
                for name in empty)
    yield from each("{how} {style} rgb8.png o.png", how=("", "-S lab"),
                    style=("-s clear.png", "-s clear.png -s sea.png", "--fit clear.png", "-s allnan.tif", "--fit allnan.tif",
                           "-s sea.png --style-mask below:0"))


def corpus_jobs(inputs):
    """Every picture of the corpus once or twice."""
    names = ["corpus/" + name for name in sorted(os.listdir(os.path.join(inputs, "corpus")))]
    yield from each("{job}", job=["-v --memory 200M %s %s o.%s" % (space, *pair) for space, pair in
                                  zip(itertools.cycle(ASKED), rotate(names, EXTENSIONS, 1))])
    yield from each("--stats --json {name}", name=names[::2])


def groups(inputs):
    return {make.__name__: list(make(inputs)) for make in (broken, middle, nothing)}
