"""The cache: what comes back is what was kept, any doubt means building anew, nothing heavy is imported."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trivium.knowledge import cache, loader
from trivium.knowledge.models import Knowledge

TINY = Path(__file__).parent.parent / "data" / "tiny_knowledge"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "trivium"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "knowledge"))


def kept(own_cache: Path) -> list[Path]:
    return sorted(own_cache.glob("knowledge-*.bin"))


def test_comes_back_the_same(own_cache: Path) -> None:
    built = loader.load(TINY)
    assert len(kept(own_cache)) == 1
    read = cache.read(built.version, Knowledge)
    assert read == built
    assert read is not built


def test_folder_is_private(own_cache: Path) -> None:
    loader.load(TINY)
    assert own_cache.stat().st_mode & 0o777 == 0o700
    assert kept(own_cache)[0].stat().st_mode & 0o077 == 0


def test_any_change_of_content_counts(root: Path, own_cache: Path) -> None:
    first = loader.load(root).version
    file = root / "sources.yaml"
    before = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("A trial", "B trial"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # same size, same date
    assert loader.load(root).version != first
    assert len(kept(own_cache)) == 2


def test_names_of_files_count(root: Path) -> None:
    first = loader.content_hash(root)
    (root / "sources.yaml").rename(root / "quellen.yaml")
    assert loader.content_hash(root) != first


@pytest.mark.parametrize("damage", [b"", b"rubbish", None])
def test_damaged_file_is_built_anew(own_cache: Path, damage: bytes | None) -> None:
    built = loader.load(TINY)
    (file,) = kept(own_cache)
    whole = file.read_bytes()
    file.write_bytes(whole[:-20] + b"x" * 20 if damage is None else damage)
    assert cache.read(built.version, Knowledge) is None
    assert loader.load(TINY) == built
    assert file.read_bytes() == whole


def test_folder_open_to_others_is_not_trusted(own_cache: Path) -> None:
    version = loader.load(TINY).version
    own_cache.chmod(0o777)
    assert cache.read(version, Knowledge) is None


def test_link_is_not_trusted(own_cache: Path, tmp_path: Path) -> None:
    version = loader.load(TINY).version
    (file,) = kept(own_cache)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert cache.read(version, Knowledge) is None


@pytest.mark.parametrize(
    "target", [("os", "system"), ("trivium.knowledge.cache", "os.system"), ("builtins", "eval")]
)
def test_nothing_else_can_be_made(own_cache: Path, target: tuple[str, str]) -> None:
    """Even a file with the right seal cannot call anything."""
    built = loader.load(TINY)
    (file,) = kept(own_cache)
    module, name = (part.encode() for part in target)

    def word(text: bytes) -> bytes:
        return b"\x8c" + bytes([len(text)]) + text

    body = b"\x80\x04" + word(module) + word(name) + b"\x93" + word(b"echo reached") + b"\x85R."
    file.write_bytes(cache.new_hash_of(body) + body)
    with pytest.raises(pickle.UnpicklingError, match="no part of compiled knowledge"):
        cache.unpack(body)
    assert cache.read(built.version, Knowledge) is None


def test_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert loader.load(TINY).pathway.id == "tiny"


def test_old_files_are_forgotten(root: Path, own_cache: Path) -> None:
    own_cache.mkdir(parents=True, mode=0o700)
    for number in range(12):
        (own_cache / f"knowledge-{number}.bin").write_bytes(b"")
    loader.load(root)
    assert len(kept(own_cache)) == 8


def test_from_the_cache_nothing_heavy_is_imported() -> None:
    loader.load(TINY)
    code = (
        "import sys; from pathlib import Path; from trivium.knowledge.loader import load;"
        f"load(Path({str(TINY)!r}));"
        "print([name for name in ('pydantic', 'yaml', 'lark', 'z3', 'sqlglot') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
