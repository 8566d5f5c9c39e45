"""Statistics files of instnorm-cli: the mean, variance and covariance of pictures, which add up exactly.

    import instnorm, instnorm_stats

    both = instnorm_stats.pool(instnorm_stats.read("a.json"), instnorm_stats.read("b.json"))
    print(both.mean, both.std, both.covariance)
    both.write("both.json")  # the bytes of: instnorm-cli --total --save-stats both.json a.json b.json
    y = instnorm.inference(x, both.mean, both.variance)

man/instnorm-stats.5 says what is in a file, what a reader refuses, and how files are pooled; this module keeps to it.
Sums are exact, in fractions, and each number is rounded once. It needs NumPy, and neither the tool nor the library.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import json
import math
import os
import re
from collections import Counter
from fractions import Fraction
from typing import NamedTuple

import numpy as np

CHANNEL_SUMS = "weight", "sum", "squares", "means", "stds"
PAIR_SUMS = "weight", "sum_x", "sum_y", "products"
POSITIVE = "weight", "squares", "stds"
SAMPLES = {"uint8": 256, "uint16": 65536, "bool": 256, "int8": 256, "int16": 65536, "float": 65536}  # their bins
FILE_MAX, NUMBER_MAX, CHANNELS_MAX, UNITS_MAX, WHOLE = 64 << 20, 1e150, 65536, 64, 1 << 24
THREE = {"lab": ["L", "a", "b"], "oklab": ["L", "a", "b"], "ruderman": ["l", "alpha", "beta"]}  # that go together


class _Kept(NamedTuple):
    """What is known of pictures, exactly."""

    space: str
    convention: str
    channels: list[str]
    pictures: int
    missing: int
    names: int | None  # the digest
    sums: dict[Fraction, tuple[list[dict], list[dict] | None]]  # by unit: sums of each channel, and of each pair
    ranges: list[tuple]  # of each channel: min, max, skipped, means_of
    histogram: dict[tuple[str, int], tuple[int, list[Counter]]] | None  # by sample and unit: whole; counts of channels


class Statistics:
    """The statistics of pictures. Arrays are float64, of channels [C], in units: white is 1 in rgb.

    space, convention     the colour space, and what its numbers are, in words
    pictures, missing     how many pictures there are, and how many inputs could not be read
    channels              their names
    weight                how many samples, or the sum of their weights
    mean, variance, std   of all samples together; the variance is the biased one
    min, max              of the samples, NaN where not known
    skipped, means_of     integers: samples that are not finite, and pictures that the next two are of
    mean_of_means, mean_of_stds  of the pictures' own means and deviations, NaN where not known
    covariance            [C, C], or None where not known
    """

    def __init__(self, kept: _Kept, file: tuple[int, int] | None = None):
        self.kept, self.file = kept, file
        self.space, self.convention, self.channels, self.pictures, self.missing = kept[:5]
        count = range(len(self.channels))
        numbers = [_moments(kept.sums, 0, c, "sum", "sum", "squares") for c in count]
        self.weight, self.mean, self.variance = (np.array(column) for column in zip(*numbers))
        self.variance = np.fmax(self.variance, 0)  # rounded moments may come out a little below
        self.std = np.sqrt(self.variance)
        self.min, self.max = (np.array([r[i] for r in kept.ranges]) for i in (0, 1))
        self.skipped, self.means_of = ([r[i] for r in kept.ranges] for i in (2, 3))
        self.mean_of_means, self.mean_of_stds = (np.array([self._own(of, c) for c in count]) for of in CHANNEL_SUMS[3:])
        self.covariance = None
        if _is_paired(kept):
            self.covariance = np.diag(self.variance)
            for y in count:
                for x in range(y):
                    pair = _moments(kept.sums, 1, y * (y - 1) // 2 + x, *PAIR_SUMS[1:])
                    self.covariance[x, y] = self.covariance[y, x] = pair[2]

    def _own(self, of: str, c: int) -> float:
        total = sum(channels[c][of] / unit for unit, (channels, _) in self.kept.sums.items())
        return _round(total / self.means_of[c]) if self.means_of[c] else math.nan

    def text(self) -> str:
        """The file, as the tool writes it."""
        root = {"instnorm": 2, "space": self.space, "convention": self.convention, "pictures": self.pictures}
        if self.missing:
            root["missing"] = self.missing
        if self.kept.names is not None:
            root["names"] = f"{self.kept.names:032x}"
        keys = "weight", "mean", "std", "variance", "min", "max", "skipped", "mean_of_means", "mean_of_stds", "means_of"
        values = zip(*([*getattr(self, key)] for key in keys))
        root["channels"] = [{"name": name, **dict(zip(keys, of))} for name, of in zip(self.channels, values)]
        if self.covariance is not None:
            root["covariance"] = self.covariance.tolist()
        root["sums"] = [{"unit": float(unit), **_put_sums(*of)} for unit, of in sorted(self.kept.sums.items())]
        if self.kept.histogram:
            order = sorted(self.kept.histogram.items(), key=lambda item: ([*SAMPLES].index(item[0][0]), item[0][1]))
            root["histogram"] = [_put_histogram(kind, *of) for kind, of in order]
        return _json(root) + "\n"

    def write(self, path: str | os.PathLike) -> None:
        """Replaces the file whole, or leaves it as it was."""
        path, text = os.path.realpath(path), self.text().encode()
        part = f"{path}.{os.getpid()}.part"
        with open(part, "xb") as file:
            try:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                os.replace(part, path)
            except BaseException:
                os.unlink(part)
                raise


def _is_paired(kept: _Kept) -> bool:
    return all(pairs is not None for _, pairs in kept.sums.values())


def _moments(sums: dict, part: int, k: int, x: str, y: str, products: str) -> tuple[float, float, float]:
    """The weight, the mean of x and the (co)variance of a channel, part 0, or of a pair, part 1; NaN of no weight."""
    units = [(unit, of[part][k]) for unit, of in sums.items()]
    weight = sum(s["weight"] for _, s in units)
    if weight <= 0:
        return 0.0, math.nan, math.nan
    mean_x, mean_y = (sum(s[key] / unit for unit, s in units) / weight for key in (x, y))
    spread = sum(s[products] / unit**2 for unit, s in units) / weight - mean_x * mean_y
    return _round(weight), _round(mean_x), _round(spread)


def _round(x: Fraction) -> float:
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


# ---- pooling ---------------------------------------------------------------------------------------------------------


def pool(*parts: Statistics) -> Statistics:
    """The statistics of all pictures of the parts, as instnorm-cli --total adds files up.

    ValueError: the parts are of other spaces or numbers of channels, or the pictures of one would be added twice.
    """
    if not parts:
        raise ValueError("pool: expected at least one part")
    first, kept = parts[0], [part.kept for part in parts]
    for i, part in enumerate(parts):
        for name in "space", "convention":
            _expect(getattr(part, name) == getattr(first, name),
                    f"pool: {name} {getattr(part, name)!r}: expected {getattr(first, name)!r}, as in the parts before")
        _expect(len(part.channels) == len(first.channels),
                f"pool: expected {len(first.channels)} channels, as in the parts before, not {len(part.channels)}")
        for other in parts[:i]:
            _check_twice(part, other)
    named = all(k.names is not None for k in kept)
    whole = Statistics(_Kept(first.space, first.convention, first.channels, sum(k.pictures for k in kept),
                             sum(k.missing for k in kept), sum(k.names for k in kept) % 2**128 if named else None,
                             _add_sums(kept), [_add_ranges(*of) for of in zip(*(k.ranges for k in kept))],
                             _add_histograms(kept)))
    largest = max(np.abs([whole.weight, whole.mean, whole.variance]).ravel())
    _expect(largest < NUMBER_MAX, f"pool: a weight, a mean or a variance of {NUMBER_MAX:g} or more, which no file has")
    return whole


def _check_twice(a: Statistics, b: Statistics) -> None:
    _expect(a is not b and (a.file is None or a.file != b.file),
            "pool: the same part twice, whose pictures would be added twice")
    _expect(a.kept.names is None or (a.kept.names, a.pictures) != (b.kept.names, b.pictures),
            "pool: two parts of as many pictures of the same names")


def _add_ranges(*ranges: tuple) -> tuple:
    """NaN is not known, and makes the whole so."""
    least, most, skipped, means_of = zip(*ranges)
    return np.min(least), np.max(most), sum(skipped), sum(means_of)


def _add_sums(kept: list[_Kept]) -> dict:
    paired, total = all(map(_is_paired, kept)), {}
    for unit in {unit for k in kept for unit in k.sums}:
        every = [k.sums[unit] for k in kept if unit in k.sums]
        channels, pairs = ([_add(*of) for of in zip(*(e[part] for e in every))] if part == 0 or paired else None
                           for part in (0, 1))
        total[unit] = channels, pairs
    return total


def _add(*sums: dict) -> dict:
    return {key: sum(s[key] for s in sums) for key in sums[0]}


def _add_histograms(kept: list[_Kept]) -> dict | None:
    if any(k.histogram is None for k in kept):
        return None
    total: dict = {}
    for k in kept:
        for kind, (whole, channels) in k.histogram.items():
            before, into = total.get(kind, (whole, [Counter()] * len(channels)))
            most = max(whole, before)
            total[kind] = most, [_times(a, most // before) + _times(b, most // whole) for a, b in zip(into, channels)]
    largest = max((sum(channel.values()) for _, channels in total.values() for channel in channels), default=0)
    _expect(largest < 2**63, "pool: too many pixels for a histogram")
    return total


def _times(counts: Counter, factor: int) -> Counter:
    return Counter({i: n * factor for i, n in counts.items()})


# ---- writing ---------------------------------------------------------------------------------------------------------


def _put_exact(x: Fraction) -> str:
    """Its one text. Denominators are powers of 2."""
    if x.denominator == 1:
        return str(x.numerator)
    return f"{'-' * (x < 0)}0x{abs(x.numerator):x}p-{x.denominator.bit_length() - 1}"


def _put_sums(channels: list, pairs: list | None) -> dict:
    every = {"channels": channels, "pairs": pairs}
    return {part: [{key: _put_exact(value) for key, value in sums.items()} for sums in of]
            for part, of in every.items() if of is not None}


def _put_histogram(kind: tuple, whole: int, channels: list) -> dict:
    told = []
    for channel in channels:
        bins = [i for i in channel if channel[i]]
        first, end = (min(bins), max(bins) + 1) if bins else (0, 0)
        told.append({"first": first, "counts": " ".join(str(channel[i]) for i in range(first, end))})
    return {"sample": kind[0], "unit": float(kind[1]), "whole": whole, "channels": told}


def _json(value, line: str = "\n") -> str:
    """JSON with two spaces a level and 17 digits a double."""
    inner = line + "  "
    if isinstance(value, dict) and value:
        return "{" + ",".join(f"{inner}{json.dumps(key)}: {_json(of, inner)}" for key, of in value.items()) + line + "}"
    if isinstance(value, list) and value:
        return "[" + ",".join(inner + _json(of, inner) for of in value) + line + "]"
    if not isinstance(value, float):
        return json.dumps(value, ensure_ascii=False)
    if not math.isfinite(value):
        return "null"
    digits, e, exponent = f"{value + 0:.17g}".partition("e")
    return f"{digits}e{int(exponent)}" if e else digits if "." in digits else digits + ".0"


# ---- reading ---------------------------------------------------------------------------------------------------------


def read(path: str | os.PathLike) -> Statistics:
    """The statistics of a file of version 1 or 2. ValueError names the file, and what was expected in it."""
    with open(path, "rb") as file:
        text, told = file.read(FILE_MAX + 1), os.fstat(file.fileno())
    try:
        _expect(len(text) <= FILE_MAX, f"more than {FILE_MAX} bytes")
        root = json.loads(text.decode(), object_pairs_hook=_members, parse_int=_integer, parse_constant=_constant)
        _expect(isinstance(root, dict), "no JSON object")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)}: {error}: expected a statistics file") from None
    try:
        return _parse(root, (told.st_dev, told.st_ino))
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from None


def _expect(ok: bool, message: str) -> None:
    if not ok:
        raise ValueError(message)


def _members(pairs: list) -> dict:
    members = dict(pairs)
    _expect(len(members) == len(pairs), "a member twice in one object")
    for text in (text for pair in pairs for text in pair if isinstance(text, str)):
        _expect("\0" not in text, "a text with U+0000")
        text.encode()  # a lone surrogate is a ValueError
    return members


def _integer(digits: str) -> int:
    _expect(len(digits) <= 20 and -2**63 <= int(digits) < 2**63, "an integer of more than 64 bits")
    return int(digits)


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _list(of: dict, key: str, least: int, most: int, where: str = "") -> list:
    """A member that is an array of so many objects."""
    array = of.get(key)
    ok = isinstance(array, list) and least <= len(array) <= most and all(isinstance(item, dict) for item in array)
    size = str(least) if least == most else f"{least} to {most}"
    _expect(ok, f'{where}"{key}": expected an array of {size} objects')
    return array


def _is_number(x) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool) and abs(x) < NUMBER_MAX


def _count(x, preset: int) -> int:
    return x if isinstance(x, int) and not isinstance(x, bool) and x > 0 else preset


def _parse(root: dict, file: tuple[int, int]) -> Statistics:
    space, convention, names = (root.get(key) for key in ("space", "convention", "names"))
    _expect(_count(root.get("instnorm"), 0) in (1, 2), '"instnorm": expected a statistics file of version 1 or 2')
    _expect(isinstance(space, str) and isinstance(convention, str),
            '"space" or "convention" is missing: expected a statistics file')
    _expect("names" not in root or re.fullmatch(r"[0-9a-f]{32}", str(names)), '"names": expected 32 hexadecimal digits')
    channels = _list(root, "channels", 1, CHANNELS_MAX)
    _expect(len(channels) == 3 or space not in THREE, f'"channels": expected an array of 3 in {space}')
    numbers, has_sums, pictures = [_get_channel(c) for c in channels], "sums" in root, _count(root.get("pictures"), 1)
    own = pictures == 1
    if has_sums:
        sums = _get_sums(root, len(channels))
    else:
        sums = {Fraction(1): ([_exact_of(*n[:3], own) for n in numbers], None)}
    ranges = [(*n[3:], _count(c.get("means_of"), 0) if has_sums else int(own)) for n, c in zip(numbers, channels)]
    _expect(max(r[3] for r in ranges) <= pictures, '"means_of": expected no more than "pictures"')
    histogram = _get_histogram(root, [n[0] for n in numbers]) if "histogram" in root else None
    called = THREE.get(space) or {1: ["grey"], 3: [*"RGB"]}.get(len(channels)) or [*map(str, range(len(channels)))]
    digest = None if names is None else int(names, 16)
    missing = _count(root.get("missing"), 0)
    statistics = Statistics(_Kept(space, convention, called, pictures, missing, digest, sums, ranges, histogram), file)
    for c, told in enumerate(zip(statistics.weight, statistics.mean, statistics.variance) if has_sums else ()):
        _expect(told == numbers[c][:3], f'"weight", "mean" and "variance" of channel {c} are not those of "sums": '
                'if they were edited, remove "sums"')
    return statistics


def _get_channel(of: dict) -> tuple:
    """weight, mean, variance, min, max, skipped"""
    for key in "weight", "mean", "variance":
        _expect(_is_number(of.get(key)), f'"{key}": expected a number in each channel of a statistics file')
    for key in "min", "max", "skipped":
        _expect(of.get(key) is None or _is_number(of[key]), f'"{key}": expected a number or null in each channel')
    weight, mean, variance = (float(of[key]) for key in ("weight", "mean", "variance"))
    _expect(weight > 0, '"weight": expected a number above 0')
    _expect(variance >= 0, '"variance": expected a number that is not negative')
    skipped = int(of.get("skipped") or 0)
    skipped = skipped if 0 < skipped < 2**53 else 0
    if of.get("min") is None or of.get("max") is None:
        return weight, mean, variance, math.nan, math.nan, skipped
    least, most = float(of["min"]), float(of["max"])
    slack = 1e-9 * max(abs(least), abs(most))
    _expect(least <= most, '"min": expected a number that is not above "max"')
    _expect(least - slack <= mean <= most + slack, '"mean": expected a number from "min" to "max"')
    _expect(variance <= (most - mean) * (mean - least) + slack * (most - least + slack),
            '"variance": expected one that numbers from "min" to "max" can have')
    return weight, mean, variance, least, most, skipped


def _exact_of(weight: float, mean: float, variance: float, own: bool) -> dict:
    """What a file without sums adds."""
    w, m, m2 = Fraction(weight), Fraction(mean), variance * weight
    own_sums = (m, Fraction(math.sqrt(m2 / weight))) if own else (Fraction(0), Fraction(0))
    return dict(zip(CHANNEL_SUMS, (w, w * m, w * m * m + Fraction(m2), *own_sums)))


EXACT = re.compile(r"(?P<sign>-?)(?:(?P<whole>0|[1-9][0-9]*)|0x(?P<odd>[1-9a-f][0-9a-f]*)p-(?P<scale>[1-9][0-9]{0,3}))")


def _get_exact(of: dict, keys: tuple[str, ...]) -> dict:
    """Sums of one channel or pair."""
    sums = {}
    for key in keys:
        text = of.get(key)
        match = EXACT.fullmatch(text) if isinstance(text, str) and len(text) < 1600 else None
        whole = int(match["whole"] or match["odd"], 10 if match["whole"] else 16) if match else 0
        scale = int(match["scale"] or 0) if match else 0
        _expect(match and scale <= 3222 and whole < 2 ** (3136 + scale) and (whole % 2 or not scale) and
                (whole or not match["sign"]), f'"sums": "{key}": expected an exact number as a text')
        _expect(not match["sign"] or key not in POSITIVE, f'"sums": "{key}": expected a number that is not negative')
        sums[key] = Fraction(-whole if match["sign"] else whole, 2**scale)
    return sums


def _get_sums(root: dict, count: int) -> dict:
    every, sums = _list(root, "sums", 1, UNITS_MAX), {}
    paired = bool(every[0].get("pairs")) and 2 <= count <= 16
    for of in every:
        unit = of.get("unit")
        _expect(_is_number(unit) and 1 <= unit < 2**32 and unit == int(unit) and unit not in sums,
                '"sums": "unit": expected each once, a whole number from 1 to 4294967295')
        channels = _list(of, "channels", count, count, '"sums": ')
        _expect(paired or not of.get("pairs"), '"sums": "pairs": expected them in each unit or in none')
        pairs = _list(of, "pairs", *2 * [count * (count - 1) // 2], '"sums": ') if paired else None
        sums[Fraction(int(unit))] = ([_get_exact(c, CHANNEL_SUMS) for c in channels],
                                     [_get_exact(p, PAIR_SUMS) for p in pairs] if paired else None)
    return sums


def _get_counts(of: dict, bins: int) -> Counter:
    first, text = of.get("first"), of.get("counts")
    ok = isinstance(text, str) and re.fullmatch(r"(?:[0-9]+(?: [0-9]+)*)?", text)
    counts = [int(word) for word in text.split()] if ok else []
    first = first if type(first) is int and first >= 0 else bins
    _expect(ok and (not counts or first + len(counts) <= bins) and max(counts, default=0) < 2**63,
            '"histogram": expected "first" and, in "counts", as many numbers as there are values from there on')
    return Counter({first + i: n for i, n in enumerate(counts) if n})


def _get_histogram(root: dict, weights: list[float]) -> dict:
    histogram: dict = {}
    for of in _list(root, "histogram", 1, len(SAMPLES) * UNITS_MAX):
        sample, unit, whole = of.get("sample"), of.get("unit"), _count(of.get("whole"), 0)
        _expect(sample in [*SAMPLES] and _is_number(unit) and 1 <= unit <= 65535 and unit == int(unit) and
                whole in (1, WHOLE) and (sample, unit) not in histogram,
                '"histogram": expected a type of 8 or 16 bits or "float" as "sample", a whole number as "unit", '
                f'1 or {WHOLE} as "whole", and each type and unit once')
        channels = _list(of, "channels", len(weights), len(weights), '"histogram": ')
        histogram[sample, unit] = whole, [_get_counts(c, SAMPLES[sample]) for c in channels]
    for c, weight in enumerate(weights):
        _check_weight(histogram, c, weight)
    return histogram


def _check_weight(histogram: dict, c: int, weight: float) -> None:
    """Of pixels that count in part each was rounded, or is one at least."""
    counts = [(whole, sum(channels[c].values()) / whole) for whole, channels in histogram.values()]
    whole, parts = (sum(n for w, n in counts if (w == 1) is is_whole) for is_whole in (True, False))
    _expect(whole <= weight * (1 + 1e-6) and whole + 1.5 * parts >= weight * (1 - 1e-6),
            f'"histogram": expected counts that come to the weight of channel {c}, {weight!r}')
