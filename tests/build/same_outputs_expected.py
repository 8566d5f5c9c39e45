"""What the newer program says otherwise on purpose. Each entry is as narrow as it can be, and holds for whole lines.

CHANGED  (pattern of a line of OLD, what it has become): a regular expression, and the text that re.sub puts in its place
         or, where that cannot be told from the line of OLD, a pattern of the line of NEW
ADDED    (stdout or stderr, pattern of a line that NEW has and OLD had not)
REMOVED  (stdout or stderr, pattern of a line that OLD had and NEW has not)
REWRITTEN (pattern of the command, stdout or stderr): texts that changed as a whole, such as --help

A line is compared with the line that stands in its place, so that an entry cannot hide a second change.
"""
import re

# Messages in plainer English: (what stood after "instnorm-cli: ", what stands there now).
SAID = [
    (r"--(output|suffix) .*: expected no \1 with --in-place",
     r"--\1 cannot be combined with --in-place, which replaces the inputs"),
    (r"--format .*: expected the input's own format with --in-place",
     "--format cannot be combined with --in-place, which keeps the format of each input"),
    (r"--no-clobber: expected it without --in-place, which replaces its inputs",
     "--no-clobber cannot be combined with --in-place, which replaces the inputs"),
    (r"--no-clobber: expected it without --(lut|save-stats), which is of every input",
     r"--no-clobber cannot be combined with --\1, which needs every input"),
    (r"--(force|quiet): expected it without --(no-clobber|verbose)", r"--\1 cannot be combined with --\2"),
    (r"--(fit|deflicker): expected it without --(style|fit), for each says what to give",
     r"--\1 cannot be combined with --\2: each says what to give"),
    (r"--(mean|std): expected --(mean|std) with it", r"--\1 needs --\2"),
    (r"(.*--mean and --std say what the input has); --beta and --gamma say what to give",
     r"\1: add --gamma, --beta or --style to say what to give"),
    (r"--use-stats: expected it without --mean and --std",
     "--use-stats cannot be combined with --mean: each says what the inputs have"),
    (r"--(fit|deflicker): expected it without given statistics, for it measures each input",
     r"--\1 cannot be combined with --mean, with which nothing is measured"),
    (r"--(fit|deflicker): expected it without given statistics, for it measures each input",
     r"--\1 cannot be combined with --use-stats, with which nothing is measured"),
    (r"--mask .*: expected it without given statistics, with which nothing is measured",
     "--mask cannot be combined with --mean, with which nothing is measured"),
    (r"--mask .*: expected it without given statistics, with which nothing is measured",
     "--mask cannot be combined with --use-stats, with which nothing is measured"),
    (r"--norm batch: expected it without --(fit|deflicker), which measures each input alone",
     r"--norm batch cannot be combined with --\1, which measures each input by itself"),
    (r"--norm (layer|group): expected --space rgb or linear, for the channels of (\w+) are no colours alike",
     r"--norm \1 needs --space rgb or linear: the channels of \2 are not alike"),
    (r"--space ruderman: expected --style, or --gamma and --beta, for it has no defaults",
     "--space ruderman needs --style, or --gamma and --beta: it has no defaults"),
    (r"--(mask|style-mask) same: expected it with --apply-mask, where it stands for the --mask",
     r"--\1 same: only --apply-mask takes same, which selects the pixels of --mask"),
    (r"--apply-mask same: expected a --mask, which it stands for", "--apply-mask same needs --mask, whose pixels it selects"),
    (r"--apply-mask all: expected it with --mask or --style-mask, for alpha is no weight here",
     "--apply-mask all: only --mask and --style-mask take all, which ignores alpha"),
    (r"--style-mask .*: expected a --style", "--style-mask needs --style"),
    (r"(--(?:style-)?mask.*: expected .* not:V), same or all", r"\1 or all"),
    (r"(--apply-mask.*: expected .* not:V), same or all", r"\1 or same"),
    (r"(--format.*: expected .*the extension of a format) that is in: see --version", r"\1 that --version lists"),
    (r"--json: expected files for --save-stats and --lut, for the report goes to standard output",
     "--save-stats '-': expected a file, because --json writes to standard output"),
    (r"--json: expected files for --save-stats and --lut, for the report goes to standard output",
     "--lut '-': expected a file, because --json writes to standard output"),
    (r"'-': expected it once, for standard input can be read only once", "'-': standard input can be read only once"),
    (r"(.*: expected (?:a file|an output file|one input)), for (the (?:picture|format) .*|--.* reads several inputs twice)",
     r"\1, because \2"),
    (r"(--lut .*: expected a name that ends in \.cube), which is the format that is written", r"\1"),
    (r"(--lut .*: expected one input or --norm batch), for it holds one map", r"\1, because a LUT holds one map"),
    (r"(--lut .*: expected pictures as outputs), for it maps (.*)", r"\1, because a LUT maps \2"),
    (r"(--save-stats .*: expected one input with --fit), for it holds one target",
     r"\1, because the file holds one target"),
    (r"(.*: expected less than 2), for (samples count from 0 to 1: did you mean .*)", r"\1, because \2"),
    (r"(.*--gamma .*: expected a standard deviation), not negative", r"\1, which is not negative"),
    (r"(.*: --fit .*): no sample of it counts and does not clip", r"\1: each of its samples clips or does not count"),
    (r"(.* colour channels?(?: \(grey\))?), and (--.* has \d+: expected the same; --rgb makes three of grey)", r"\1, but \2"),
    (r"(.*--\w+ has \d+ values) and the picture (\d+ colour channel.*)", r"\1, but the picture has \2"),
    (r"(.*): values above 1 weigh as 1, in a mask", r"\1: mask values above 1 weigh as 1"),
    (r"(.*): a picture in colour: expected a grey one", r"\1: expected a grey picture, not one in colour"),
    (r"(.*expected a picture of 1 or 3 colour channels), for (others have no lightness)", r"\1, because \2"),
    (r"(.*expected \d+ colour channels?) as those before it, (not \d+)", r"\1, as in the inputs before, \2"),
    (r"(.*: expected \d+) as the style before it", r"\1, as in the style before it"),
    (r"(.*its ICC profile is not sRGB), which (--space \w+) takes it for", r"\1, but \2 takes its samples for sRGB"),
    (r"(warning: .*its output exists and stays), but it is a part of the (batch|series)",
     r"\1, but the input is still measured for the \2"),
    (r"(no output was written), for (a (?:batch|series) depends on each of its inputs)", r"\1, because \2"),
    (r"(no output was written), for (nothing counts .*)", r"\1: \2"),
    (r"(no output was written), for a stack takes each of its inputs", r"\1, because a stack depends on each of its inputs"),
    (r"(no (?:statistics file|LUT) was written), for (it depends on each of the inputs)", r"\1, because \2"),
    (r"(--save-stats: \d+ pictures were fitted), and the file takes (the target of one)", r"\1, but the file holds \2"),
    (r"(--save-stats: channel \d+) falls where the target rises, which no deviation can say",
     r"\1 was fitted with a negative scale, which no standard deviation gives"),
    (r"(.*: statistics of --space .*), and (this run has --space .*): expected the same", r"\1, but \2"),
    (r"--lut: so steep a map has values that are no numbers: (expected a smaller --gamma)",
     r"--lut: the map is too steep for a table of numbers: \1"),
    (r"(--lut: no picture was mapped), for (nothing counts in any of the inputs)", r"\1, because \2"),
    (r"(.*it holds several pictures), and (\w+) only one", r"\1, but \2 holds one"),
    (r"(.*: exists and is|.*\b(?:text|file|data|archive|page|\w+) is) no (picture|statistics file|\.cube file)(: .*)", r"\1 not a \2\3"),
    (r"(.*: exists and is) no (\.npy file: see --force)", r"\1 not an \2"),
    (r"(folder .*: expected no \.\.) behind (a folder that is missing)", r"\1 after \2"),
    (r"(.*): its EXIF orientation comes behind the picture: it is not turned",
     r"\1: its EXIF orientation comes after the picture, which is not turned"),
    (r"(.*PNM): what follows a picture is no other", r"\1: expected another picture or the end of the file after a picture"),
    (r"(.*PNM: expected a blank) behind (a number.*)", r"\1 after \2"),
    (r"(.*): its scan header is not of sequential JPEG, as which it is read",
     r"\1: its scan header is not that of a sequential JPEG, but it is read as one"),
    (r"(.*CMYK JPEG without an Adobe marker: 255 is taken for full ink), where most mean none",
     r"\1, though most programs mean none"),
    (r"(.*add --quality 100 for lossless, or) a lower one", r"\1 lower --quality"),
    (r"(.* is written with 8 bits a sample) here(: add --depth 8)", r"\1\2"),
    (r"(.*(?:EXIF data|XMP packet), which came) behind (the picture)", r"\1 after \2"),
    (r"(warning: --lut: a table changes every pixel): it cannot hold --apply-mask", r"\1 and cannot hold --apply-mask"),
    (r"(warning: --output .* (?:becomes a folder|is a file)), for there (.*)", r"\1, because there \2"),
    (r"(warning: --(?:gamma|beta) .*: samples in 0\.\.1 cannot have .*), so it clips", r"\1, so they clip"),
    (r"(.*: JPEG cannot hold an alpha channel)[:;] write PNG instead", r"\1: write PNG instead, or add --rgb"),
    (r"(.*: exists and) ([A-Z].*)(: see --force)", r"\1 cannot be read (\2)\3"),
    (r"(.*): no TIFF file", r"\1: not a TIFF file"),
    (r"('-.'): unknown option, expected one of --help", r"unknown option \1: see --help=all"),
    (r"'(--[a-z-]+)(?:=.*)?': unknown or ambiguous option, expected one of --help", r"unknown option '\1': see --help=all"),
    (r"'--=': unknown or ambiguous option, expected one of --help", "unknown option '--=': see --help=all"),
]

CHANGED = [("instnorm-cli: " + old, "instnorm-cli: " + new) for old, new in SAID] + [
    (r"instnorm-cli: '--[a-zA-Z]+(?:=.*)?': unknown or ambiguous option, expected one of --help",
     re.compile("instnorm-cli: (ambiguous option '--([a-z]+)', could be (--\\2[a-z-]*(, | or |$))+"
                "|unknown option '--(gama|Gamma|quite)', did you mean --(gamma|quiet)\\?)")),
    (r"instnorm-cli: (.*: )?--channels .*: expected a name or an index below \d+, or none",
     re.compile(r"instnorm-cli: (.*: )?--channels '.*': expected ((R, G, B|L, a, b|l, alpha, beta) or 0 to 2|grey or 0|0 or 1"
                r"|0 to \d+)( \((R|G|B|L|a|b|l|alpha|beta) needs -S \w+( or \w+)?\))?")),
]
ADDED = [
    # --json tells of inputs that failed or were skipped.
    ("stdout", r'\{"input":.*"status":"(skipped"|failed","error":".*")\}'),
]
REMOVED = []
REWRITTEN = [
    (r" (-h|-Vh|--h|--he|--hel|--help|--help=all)( |$)", "stdout"),
]


def without(lines, other, stream, patterns, counts):
    """The lines that are not to be compared left out: those that match a pattern and are not in the other text."""
    kept = []
    for line in lines:
        found = next((p for s, p in patterns if s == stream and re.fullmatch(p, line) and line not in other), None)
        if found:
            counts[found] += 1
        else:
            kept.append(line)
    return kept


def becomes(old, new, counts):
    """Whether a line of OLD has become the line of NEW by one of CHANGED."""
    for pattern, text in CHANGED:
        match = re.fullmatch(pattern, old)
        if match and (text.fullmatch(new) if isinstance(text, re.Pattern) else match.expand(text) == new):
            counts[pattern] += 1
            return True
    return False


def same_text(command, stream, old, new, counts):
    """Whether two texts are the same, but for what is listed. Counts what of it was met."""
    if old == new:
        return True
    for pattern, of in REWRITTEN:
        if of == stream and re.search(pattern, command):
            counts[pattern] += 1
            return True
    old, new = (text.decode("utf-8", "surrogateescape").split("\n") for text in (old, new))
    old, new = without(old, new, stream, REMOVED, counts), without(new, old, stream, ADDED, counts)
    return len(old) == len(new) and all(a == b or becomes(a, b, counts) for a, b in zip(old, new))


def report(counts):
    """Prints how often each entry was met; one that never was may go."""
    entries = [pattern for pattern, _ in CHANGED + REWRITTEN] + [pattern for _, pattern in ADDED + REMOVED]
    for pattern in entries:
        print("changed on purpose: %s, met %d times" % (pattern, counts[pattern]))
