#!/usr/bin/python3
"""tar shards of the pictures of a data set, and whether outputs are those of the pictures as loose files.

    shards.py make LIST COUNT FOLDER    the pictures of LIST, each with a JSON file behind it, in FOLDER/N.tar; FOLDER/LIST
    shards.py compare LIST SHARDS OUT LOOSE
                                        pictures in OUT/N.tar are the files of LOOSE, other members those of SHARDS/N.tar
    shards.py sums A B                  two statistics files differ in the digest of the names alone
"""
import io
import json
import os
import sys
import tarfile


def label(name):
    return os.path.splitext(name)[0] + ".json", json.dumps({"name": name, "class": len(name) % 7}).encode()


def names_of(path):
    with open(path) as file:
        return file.read().splitlines()


def make(path, count, folder):
    names = names_of(path)
    os.mkdir(folder)
    shards = [f"{index:03d}.tar" for index in range(count)]
    for index, shard in enumerate(shards):
        with tarfile.open(f"{folder}/{shard}", "w") as archive:
            for name in names[index * len(names) // count : (index + 1) * len(names) // count]:
                archive.add(os.path.join(os.path.dirname(path), name), name)
                member, content = label(name)
                info = tarfile.TarInfo(member)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    with open(f"{folder}/LIST", "w") as file:
        file.writelines(f"{shard}\n" for shard in shards)


def members(path):
    with tarfile.open(path) as archive:
        return [(member.name, member.mtime, archive.extractfile(member).read()) for member in archive]


def compare(path, shards, out, loose):
    pictures = set(names_of(path))
    seen = set()
    for shard in names_of(f"{shards}/LIST"):
        before, after = members(f"{shards}/{shard}"), members(f"{out}/{shard}")
        assert [member[:2] for member in before] == [member[:2] for member in after], f"{shard}: other members"
        for (name, _, old), (_, _, new) in zip(before, after):
            if name in pictures:
                seen.add(name)
                with open(f"{loose}/{name}", "rb") as file:
                    old = file.read()
            assert new == old, f"{shard}: {name}: other bytes"
    assert seen == pictures, "pictures are missing"


def sums(one, other):
    with open(one) as a, open(other) as b:
        a, b = json.load(a), json.load(b)
    assert a.pop("names") != b.pop("names") and a == b, f"{one} and {other} differ in more than names"


arguments = sys.argv[2:]
if sys.argv[1] == "make":
    make(arguments[0], int(arguments[1]), arguments[2])
else:
    {"compare": compare, "sums": sums}[sys.argv[1]](*arguments)
