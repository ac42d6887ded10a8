"""The archive: the same bytes on every Python, nothing that could be written in two ways, and a word for each attack."""

from __future__ import annotations

import hashlib
import io
import os
import random
import shutil
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from boosterwatch.engine.host import archive
from boosterwatch.engine.host.archive import MAX_BYTES, MAX_FILES, ArchiveError, pack, unpack

FILES = {"pack.yaml": b"pack: small\n", "signs/1-first.yaml": b"", "cases/a.yaml": bytes(range(256)) * 5}
GOOD = pack(FILES)
MANY = pack({f"f{number}": b"" for number in range(MAX_FILES)})


def zipped(*entries: tuple[zipfile.ZipInfo, bytes], comment: bytes = b"") -> bytes:
    """Return a ZIP with these entries, as somebody else would write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as written:
        for info, data in entries:
            written.writestr(info, data)
        written.comment = comment
    return out.getvalue()


def entry(name: str = "pack.yaml", **changes: object) -> zipfile.ZipInfo:
    """Return an entry as ours, with changes."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, zipfile.ZIP_STORED
    for key, value in changes.items():
        setattr(info, key, value)
    return info


def refused(data: bytes) -> tuple[str, str]:
    """Return the reason and the words with which bytes are refused."""
    with pytest.raises(ArchiveError) as caught:
        unpack(data)
    return caught.value.reason, str(caught.value)


# ---------------------------------------------------------------- what is written


def test_what_is_packed_is_unpacked_sorted_by_name() -> None:
    assert unpack(GOOD) == FILES
    assert list(unpack(GOOD)) == sorted(FILES)


def test_the_order_in_which_files_are_given_changes_nothing() -> None:
    assert pack(dict(reversed(FILES.items()))) == GOOD


def test_the_bytes_are_these() -> None:
    assert hashlib.sha256(GOOD).hexdigest() == "d6515c297cba5b8aaa30b03c2f6aa190c01e1eff60bc304425ec5b94ff570a70"


def test_any_zip_tool_can_read_it() -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as found:
        assert found.testzip() is None
        assert {info.date_time for info in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {stat.filemode(info.external_attr >> 16) for info in found.infolist()} == {"-rw-r--r--"}


PACKS = """
import hashlib, importlib.util, io, pathlib, sys, zipfile
spec = importlib.util.spec_from_file_location("archive", sys.argv[1])
archive = sys.modules["archive"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(archive)
root = pathlib.Path(sys.argv[2])
files = {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}
data = archive.pack(files)
assert archive.unpack(data) == files

def walk(folder, prefix=""):
    for one in folder.iterdir():
        if one.is_dir():
            yield from walk(one, f"{prefix}{one.name}/")
        else:
            yield f"{prefix}{one.name}", one.read_bytes()

assert dict(walk(zipfile.Path(zipfile.ZipFile(io.BytesIO(data))))) == files  # as a pack is read from a bundle
print(sys.version_info[:2], hashlib.sha256(data).hexdigest())
"""


def interpreters() -> list[str]:
    """Return the other Pythons of this machine that boosterwatch runs on."""
    found: dict[str, str] = {}
    folders = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob("3.1*/bin"))
    for minor in (11, 12, 13, 14):
        if minor != sys.version_info.minor:
            name = f"python3.{minor}"
            path = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))
            if path is not None:
                found[name] = path
    return list(found.values())


def test_every_python_writes_the_same_bytes(tmp_path: Path) -> None:
    others = interpreters()
    if not others:
        pytest.skip("no other Python from 3.11 on is installed here")
    root = Path(archive.__file__).parents[2] / "rules" / "quick-screen" / "1.0.0"
    printed = set()
    for python in (sys.executable, *others):
        command = [python, "-I", "-c", PACKS, archive.__file__, str(root)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
        printed.add(done.stdout.split()[-1])
    assert len(printed) == 1, printed


# ---------------------------------------------------------------- what is not written


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd", "../pack.yaml", "a/../pack.yaml", "./pack.yaml", "a//b", "a/", "/", ".hidden", "a/.git/config",
        "a\\b", "C:/a", "a b", "nul\x00.yaml", "new\nline", "p\u0430ck.yaml", "-rf", "~root", "a" * 201,
    ],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_not_packed(name: str) -> None:
    with pytest.raises(ArchiveError, match="a file is called") as caught:
        pack({name: b""})
    assert caught.value.reason == "name"


def test_names_that_are_twins_are_not_packed() -> None:
    with pytest.raises(ArchiveError, match=r"two files are called `pack\.yaml` and `Pack\.YAML`"):
        pack({"pack.yaml": b"", "Pack.YAML": b""})
    with pytest.raises(ArchiveError, match=r"`signs` is a file, and also the folder of `Signs/a/b\.yaml`"):
        pack({"Signs/a/b.yaml": b"", "signs": b""})


def test_the_limits_of_size_and_number() -> None:
    with pytest.raises(ArchiveError, match="it has 0 files; 1 to 1000 are allowed"):
        pack({})
    most = {f"f{number}": b"" for number in range(MAX_FILES)}
    assert len(unpack(pack(most))) == MAX_FILES
    with pytest.raises(ArchiveError, match="it has 1001 files"):
        pack({**most, "more": b""})
    with pytest.raises(ArchiveError, match="it would have 16777320 bytes; at most 16777216 are allowed"):
        pack({"big": bytes(MAX_BYTES)})


# ---------------------------------------------------------------- attacks


def local_bomb() -> bytes:
    """Return an archive of ours in which many entries share the same stored bytes."""
    inner = bytearray(pack({f"f{number:03}": b"x" * (0 if number else 1_000_000) for number in range(900)}))
    at = 0
    while (at := inner.find(b"PK\x01\x02", at)) >= 0:  # let every entry of the list lead to the first, big file
        inner[at + 16 : at + 28] = inner[inner.find(b"PK\x01\x02") + 16 :][:12]
        inner[at + 42 : at + 46] = bytes(4)
        at += 4
    return bytes(inner)


def with_end(data: bytes, **changes: int) -> bytes:
    """Return an archive with other numbers in its last record."""
    names = ("disk", "first", "here", "count", "size", "offset", "comment")
    numbers = dict(zip(names, struct.unpack("<4H2LH", data[-18:]), strict=True)) | changes
    return data[:-18] + struct.pack("<4H2LH", *numbers.values())


ATTACKS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "nothing": (lambda: b"", "unreadable", "it does not end as an archive does: cut short, or with something behind it"),
    "no archive": (
        lambda: b"pack: small\n" * 9, "unreadable",
        "it does not end as an archive does: cut short, or with something behind it",
    ),
    "cut short": (
        lambda: GOOD[:-1], "unreadable", "it does not end as an archive does: cut short, or with something behind it"
    ),
    "something behind": (
        lambda: GOOD + b"\n", "unreadable", "it does not end as an archive does: cut short, or with something behind it"
    ),
    "something before": (lambda: b"#!/bin/sh\n" + GOOD, "unreadable", "its list of files is not where it should be"),
    "comment of the archive": (
        lambda: zipped((entry(), b"a"), comment=b"hello"), "unreadable",
        "it does not end as an archive does: cut short, or with something behind it",
    ),
    "too big": (lambda: bytes(MAX_BYTES + 1), "size", "it has more than 16777216 bytes"),
    "too many files": (lambda: with_end(GOOD, here=60_000, count=60_000), "size", "it has more than 1000 files"),
    "zip64": (lambda: with_end(GOOD, here=0xFFFF, count=0xFFFF), "size", "it has more than 1000 files"),
    "zip64 locator": (
        lambda: with_end(GOOD, offset=0xFFFFFFFF), "unreadable", "its list of files is not where it should be"
    ),
    "longer list than it says": (
        lambda: with_end(MANY, here=1, count=1), "size", "its list of files is longer than it says"
    ),
    "another disk": (lambda: with_end(GOOD, disk=1), "unreadable", "its list of files is not where it should be"),
    "fewer files than listed": (lambda: with_end(GOOD, here=2, count=2), "changed", "its bytes are not those that its content gives"),
    "compressed": (
        lambda: zipped((entry(compress_type=zipfile.ZIP_DEFLATED), b"a" * 99)), "entry", "`pack.yaml` is compressed"
    ),
    "bomb": (
        lambda: zipped((entry(compress_type=zipfile.ZIP_LZMA), bytes(50_000_000))), "entry", "`pack.yaml` is compressed"
    ),
    "bomb of shared bytes": (local_bomb, "size", "its files claim more bytes than it has"),
    "folder": (lambda: zipped((entry("signs/"), b"")), "entry", "`signs/` is a folder"),
    "folder by its mode": (
        lambda: zipped((entry("signs", external_attr=0o040755 << 16), b"")), "entry", "`signs` is a folder"
    ),
    "link": (
        lambda: zipped((entry(external_attr=0o120777 << 16), b"/etc/passwd")), "entry", "`pack.yaml` is a link"
    ),
    "device": (
        lambda: zipped((entry(external_attr=0o020666 << 16), b"")), "entry", "`pack.yaml` is not a plain file"
    ),
    "executable": (
        lambda: zipped((entry(external_attr=0o100755 << 16), b"")), "entry", "`pack.yaml` is not a plain file"
    ),
    "another system": (lambda: zipped((entry(create_system=0), b"")), "entry", "`pack.yaml` is not a plain file"),
    "extra field": (
        lambda: zipped((entry(extra=b"\x99\x99\x00\x00"), b"a")), "entry", "`pack.yaml` is with an extra field"
    ),
    "comment of a file": (lambda: zipped((entry(comment=b"psst"), b"a")), "entry", "`pack.yaml` is with a comment"),
    "encrypted": (
        lambda: GOOD.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), "entry",
        "`cases/a.yaml` is encrypted",
    ),
    "way up": (lambda: zipped((entry("../up.yaml"), b"")), "name", "a file is called `../up.yaml`"),
    "absolute": (lambda: zipped((entry("/etc/cron"), b"")), "name", "a file is called `/etc/cron`"),
    "NUL": (
        lambda: zipped((entry("aXb.yaml"), b"")).replace(b"aXb", b"a\0b"), "name", "a file is called `a\0b.yaml`"
    ),
    "back slash": (lambda: zipped((entry("a\\b"), b"")), "name", "a file is called `a\\b`"),
    "letters that look alike": (
        lambda: zipped((entry("p\u0430ck.yaml"), b"")), "name", "a file is called `p\u0430ck.yaml`"
    ),
    "case twins": (
        lambda: zipped((entry("a.yaml"), b""), (entry("A.yaml"), b"")), "name", "two files are called `a.yaml` and `A.yaml`"
    ),
    "another order": (
        lambda: zipped((entry("b.yaml"), b""), (entry("a.yaml"), b"")), "changed",
        "its bytes are not those that its content gives",
    ),
    "another day": (
        lambda: zipped((entry(date_time=(2026, 11, 24, 0, 0, 0)), b"")), "changed",
        "its bytes are not those that its content gives",
    ),
    "hidden bytes between": (
        lambda: with_end(
            GOOD[: GOOD.index(b"PK\x01\x02")] + b"hidden" + GOOD[GOOD.index(b"PK\x01\x02") :],
            offset=GOOD.index(b"PK\x01\x02") + 6,
        ),
        "changed", "its bytes are not those that its content gives",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_for_its_reason(attack: str) -> None:
    make, reason, words = ATTACKS[attack]
    assert refused(make()) == (reason, words)


def test_the_same_name_twice() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped((entry(), b"a"), (entry(), b"b"))
    assert refused(data) == ("name", "two files are called `pack.yaml` and `pack.yaml`")


def test_a_bomb_costs_no_memory() -> None:
    bombs = [ATTACKS["bomb"][0](), local_bomb()]
    tracemalloc.start()
    try:
        for bomb in bombs:
            refused(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------- anything at all


def unpacks_or_refuses(data: bytes) -> bool:
    """Return whether bytes are an archive of ours; any other error than ArchiveError is raised."""
    try:
        assert pack(unpack(data)) == data
    except ArchiveError:
        return False
    return True


def test_every_cut_is_refused() -> None:
    assert not any(unpacks_or_refuses(GOOD[:length]) for length in range(len(GOOD)))


def test_every_flipped_bit_is_refused() -> None:
    for at in range(len(GOOD)):
        for bit in range(8):
            flipped = bytearray(GOOD)
            flipped[at] ^= 1 << bit
            assert not unpacks_or_refuses(bytes(flipped)), (at, bit)


def test_no_bytes_raise_another_error() -> None:
    rng = random.Random(4)
    starts = (b"", b"PK\x03\x04", GOOD[:400], GOOD[-300:])
    for _ in range(3000):
        data = bytearray(
            rng.choice(starts) + rng.randbytes(rng.randrange(200)) + rng.choice((b"", GOOD[-300:], GOOD[-22:]))
        )
        for _ in range(rng.randrange(4)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        assert not unpacks_or_refuses(bytes(data))


def test_no_splice_of_a_good_archive_raises_another_error() -> None:
    rng = random.Random(5)
    for _ in range(3000):
        first, second = sorted(rng.randrange(len(GOOD)) for _ in range(2))
        kind = rng.randrange(3)
        middle = (b"", GOOD[first:second] * 2, rng.randbytes(second - first))[kind]
        data = GOOD[:first] + middle + GOOD[second:]
        assert unpacks_or_refuses(data) == (data == GOOD)
