"""What the newer program says otherwise on purpose. Each entry is as narrow as it can be, and holds for whole lines.

CHANGED  (pattern of a line of OLD, what it has become): a regular expression, and the text that re.sub puts in its place
         or, where that cannot be told from the line of OLD, a pattern of the line of NEW
ADDED    (stdout or stderr, pattern of a line that NEW has and OLD had not)
ENDED    (stdout or stderr, pattern of a line, of those after it): with these NEW ends, and OLD did not
REMOVED  (stdout or stderr, pattern of a line that OLD had and NEW has not)
REWRITTEN (pattern of the command, stdout or stderr): texts that changed as a whole, such as --help
APART    (old or new, pattern of a line on stderr): one of the two refuses the job, which is not compared

A line is compared with the line that stands in its place, so that an entry cannot hide a second change.
"""
import re

CHANGED = [
    # Lists that --per-file writes can end with NUL, too.
    (r"instnorm-cli: --null needs --files-from, whose names then end with NUL",
     r"\g<0>, or --per-file, whose lists then do"),
    # --version tells what keeps decoders in.
    (r"(complete -c instnorm-cli -s V -l version -d 'print the version)( and the formats)'", r"\1, the formats and the sandbox'"),
    (r"instnorm-cli: ambiguous option .*", re.compile(r"instnorm-cli: ambiguous option .*")),
    # --depth takes the names of types, and float16 and float64 are types of their own. (An .npy of either becomes a TIFF of
    # that type: o.tif of f2.npy and f8.npy differs. Results of f8.npy have more digits.)
    (r"(instnorm-cli: --depth.*: expected (?:a value: )?)8, 16 or float",
     r"\g<1>8, 16, float, bool, int8, int16, int32, uint8, uint16, uint32, float16, float32 or float64"),
    (r'(.* (?:holds|is written with) 8(?: or 16)? bits a sample): (add --depth 8(?: or --depth 16)?)("}|)',
     re.compile(r'.* 8( or 16)? bits a sample, not float(16|64): add --depth 8( or --depth 16)?, or write tiff or npy("}|)')),
    (r"instnorm-cli: warning: 'n?hwc.npy': (20 channels of 3 x 20: if it is )\[H,W,C\], save numpy.moveaxis\(a, -1, -3\)",
     re.compile(r"instnorm-cli: warning: 'n?hwc.npy': \[(2,)?20,20,3\] is read as 20 channels of 3 x 20: if it is "
                r"\[(N,)?H,W,C\], add --layout n?hwc")),
]
ADDED = [
    ("stdout", r"Sandbox: .*"),
    ("stdout", r"complete -c instnorm-cli -l (timeout|no-sandbox) .*"),
]
ENDED = []
REMOVED = []
REWRITTEN = [
    (r" (-h|-Vh|--h|--he|--hel|--help|--help=all)( |$)", "stdout"),
    (r" --completions[ =](bash|zsh|fish)( |$)", "stdout"),
]
APART = [
    # Two more options.
    ("old", r"instnorm-cli: unknown option .*"),
    ("new", r"instnorm-cli: ambiguous option '--(l|no|no-|t|ti)', could be .*"),
    # More types are read, and written.
    ("old", r"instnorm-cli: '.*': NPY: type '.*', expected float16, float32, float64, uint8 or uint16"),
    ("old", r"instnorm-cli: --depth '(bool|u?int(8|16|32)|float(16|32|64))': expected 8, 16 or float"),
    ("new", r"instnorm-cli: '.*': PFM holds floats, not float(16|64): .*"),
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


def without_end(lines, other, stream, counts):
    """The lines without those of ENDED."""
    for of, first, rest in ENDED:
        at = next((i for i, line in enumerate(lines) if of == stream and re.fullmatch(first, line)), None)
        if at is not None and all(re.fullmatch(rest, line) for line in lines[at:]) and lines[at] not in other:
            counts[first] += 1
            return lines[:at] + [""]
    return lines


def becomes(old, new, counts):
    """Whether a line of OLD has become the line of NEW by one of CHANGED."""
    for pattern, text in CHANGED:
        match = re.fullmatch(pattern, old)
        if match and (text.fullmatch(new) if isinstance(text, re.Pattern) else match.expand(text) == new):
            counts[pattern] += 1
            return True
    return False


def apart(old, new, counts):
    """Whether one of the programs refuses the job, by what each has on stderr."""
    for whose, pattern in APART:
        text = (old if whose == "old" else new).decode("utf-8", "surrogateescape")
        if any(re.fullmatch(pattern, line) for line in text.split("\n")):
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
    new = without_end(new, old, stream, counts)
    return len(old) == len(new) and all(a == b or becomes(a, b, counts) for a, b in zip(old, new))


def report(counts):
    """Prints how often each entry was met; one that never was may go."""
    entries = [pattern for pattern, _ in CHANGED + REWRITTEN] + [pattern for _, pattern in ADDED + REMOVED + APART]
    entries += [pattern for _, pattern, _ in ENDED]
    for pattern in entries:
        print("changed on purpose: %s, met %d times" % (pattern, counts[pattern]))
