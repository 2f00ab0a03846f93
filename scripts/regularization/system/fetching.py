"""Getting Fashion-MNIST onto this machine, from wherever it can be had, and never using a file that is not it.

What counts is the content of the decompressed files: every source is held to the same SHA-256 and the same shapes.
(The Debian package compresses the files anew, so the checksums of its .gz files are not the publisher's.)
"""

import getpass
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from regularization.system import fashion_mnist
from regularization.system.errors import UserError
from regularization.system.fashion_mnist import SHAPES, Images
from regularization.system.files import write_bytes

PACKAGE = "dataset-fashion-mnist"  # in Debian and Ubuntu
PACKAGE_FOLDER = Path("/usr/share/datasets/fashion-mnist")
NOT_HAD = "Fashion-MNIST could not be had."  # no source has it: said for this reason and no other
REMEDY = "`make` keeps the files aside and fetches them again; without make, delete {folder} and start again"


@dataclass(frozen=True)
class RawFile:
    """A file as published (in the IDX format: a big-endian header, then bytes)."""

    name: str
    array: str  # what it becomes, a field of `Images`
    header: tuple[int, ...]  # 32-bit numbers: a magic number and the dimensions

    @property
    def n_bytes(self) -> int:
        return 4 * len(self.header) + int(np.prod(self.header[1:]))

    @property
    def sha256(self) -> str:
        """Of the decompressed file."""
        return SHA256[self.name]


SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
RAW_FILES = (
    RawFile("train-images-idx3-ubyte", "train_images", (2051, 60_000, 28, 28)),
    RawFile("train-labels-idx1-ubyte", "train_labels", (2049, 60_000)),
    RawFile("t10k-images-idx3-ubyte", "test_images", (2051, 10_000, 28, 28)),
    RawFile("t10k-labels-idx1-ubyte", "test_labels", (2049, 10_000)),
)


class Unavailable(UserError):
    """A source does not have the data; the message says why."""


class Damaged(UserError):
    """A stored array is not what was fetched."""


@dataclass(frozen=True)
class Located:
    """Where a source has put the four files."""

    folder: Path
    version: str | None = None  # of the package or library they came with, where known


@dataclass(frozen=True)
class Source:
    """A way to the files: `locate` gets an empty scratch folder and raises `Unavailable` where the way is barred."""

    name: str
    locate: Callable[[Path], Located]


@dataclass(frozen=True)
class Fetched:
    """The verified arrays and where they came from."""

    arrays: dict[str, np.ndarray]
    source: str
    version: str | None


def fetch(sources: Sequence[Source], say: Callable[[str], None]) -> Fetched:
    """Try the sources in their order; return the first complete and verified data set.

    `say` is told, a line each, what is tried and what came of it. Raises `Unavailable` if no source has it; the message
    lists every attempt and the ways to supply the files.
    """
    attempts = []
    for source in sources:
        say(f"Trying {source.name} …")
        with tempfile.TemporaryDirectory(prefix="fashion-mnist-") as scratch:
            try:
                located = source.locate(Path(scratch))
                arrays = read(located.folder)
            except Unavailable as reason:
                say(f"  no: {reason}")
                attempts.append(f"{source.name}: {reason}")
                continue
        say("  all four files are there, and their checksums are right")
        return Fetched(arrays, source.name, located.version)
    raise Unavailable(_how_to_supply(attempts))


def store(fetched: Fetched, folder: Path) -> None:
    """Write the arrays, then `fetch.json`, which so says that all of them are complete."""
    for name, array in fetched.arrays.items():
        content = io.BytesIO()  # NumPy does not say why a file cannot be written
        np.save(content, array)
        write_bytes(content.getvalue(), folder / f"{name}.npy")
    record = {"source": fetched.source, "version": fetched.version, "sha256": SHA256}
    write_bytes(f"{json.dumps(record, indent=2)}\n".encode(), folder / "fetch.json")


def load(folder: Path) -> Images:
    """Memory-map the stored arrays, once they are found to be Fashion-MNIST's; `Damaged` names one that is not."""
    try:
        images = fashion_mnist.load(folder)
    except (OSError, ValueError, EOFError) as error:
        words = str(error).splitlines()[0]
        named = words if str(folder) in words else f"{folder} holds a damaged array: {words}"
        raise Damaged(f"{named}. {REMEDY.format(folder=folder)}") from None
    for raw in RAW_FILES:
        # As published: a header, then the bytes that are stored here.
        digest = hashlib.sha256(np.array(raw.header, ">i4").tobytes())
        digest.update(np.ascontiguousarray(getattr(images, raw.array)).data)
        if digest.hexdigest() != raw.sha256:
            path = folder / f"{raw.array}.npy"
            raise Damaged(f"{path} is damaged: it is not Fashion-MNIST's. {REMEDY.format(folder=folder)}")
    return images


def read(folder: Path) -> dict[str, np.ndarray]:
    """Read and verify a folder's files, plain or .gz, as `Images`' fields; `Unavailable` names the first that fails."""
    if not folder.is_dir():
        raise Unavailable(f"there is no folder {folder}")
    return {raw.array: _verified(raw, _find(raw, folder)) for raw in RAW_FILES}


def _find(raw: RawFile, folder: Path) -> Path:
    """The file in the folder itself, or where torchvision keeps it below a folder."""
    for place in (folder, folder / "FashionMNIST" / "raw"):
        for path in (place / raw.name, place / f"{raw.name}.gz"):
            if path.is_file():
                return path
    raise Unavailable(f"{folder} holds neither {raw.name} nor {raw.name}.gz")


def _verified(raw: RawFile, path: Path) -> np.ndarray:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except EOFError:
        raise Unavailable(f"{path} is truncated: the compressed data end too early") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unavailable(f"{path} is corrupted: {error}") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    if len(content) != raw.n_bytes:
        fault = "is truncated" if len(content) < raw.n_bytes else "is not Fashion-MNIST's"
        raise Unavailable(f"{path} {fault}: {len(content):,} bytes where {raw.n_bytes:,} are expected")
    n_header = len(raw.header)
    header = tuple(int(number) for number in np.frombuffer(content, ">i4", n_header))
    if header != raw.header:
        raise Unavailable(f"{path} is not Fashion-MNIST's: its header says {header}, expected {raw.header}")
    digest = hashlib.sha256(content).hexdigest()
    if digest != raw.sha256:
        found = f"its content has SHA-256 {digest}, expected {raw.sha256}"
        raise Unavailable(f"{path} is corrupted or not Fashion-MNIST's: {found}")
    return np.frombuffer(content, np.uint8, offset=4 * n_header).reshape(SHAPES[raw.array])


def standard_sources(user_folder: Path | None) -> tuple[Source, ...]:
    """The sources in the order in which they are tried: what is at hand first, then what needs a network."""
    return (
        Source("the folder named in config.yaml (fashion_mnist: folder)", lambda _: _named_folder(user_folder)),
        Source(f"the system package {PACKAGE}", _system_package),
        Source("a download with torchvision", torchvision_download),
        Source(f"apt-get download {PACKAGE}", apt_download),
    )


def _named_folder(folder: Path | None) -> Located:
    if folder is None:
        raise Unavailable("no folder is named there")
    return Located(folder)


def _system_package(_: Path) -> Located:
    if not PACKAGE_FOLDER.is_dir():
        raise Unavailable(f"it is not installed (there is no {PACKAGE_FOLDER})")
    try:
        version = _run(["dpkg-query", "--show", "--showformat=${Version}", PACKAGE], seconds=60)
    except Unavailable:
        version = None  # the files lie there without the package's record, e.g. copied
    return Located(PACKAGE_FOLDER, version)


def torchvision_download(scratch: Path, *, stall_seconds: int = 20, seconds: int = 600) -> Located:
    """Let torchvision download into an empty folder, until `seconds` are over or nothing comes for `stall_seconds`."""
    program = (
        "import socket, sys; socket.setdefaulttimeout(float(sys.argv[2]));"
        "import torchvision; torchvision.datasets.FashionMNIST(sys.argv[1], download=True);"
        "print(torchvision.__version__)"
    )
    output = _run([sys.executable, "-c", program, str(scratch), str(stall_seconds)], seconds=seconds)
    return Located(scratch, f"torchvision {output.split()[-1]}")


def apt_download(scratch: Path, *, seconds: int = 300) -> Located:
    """Download the Debian package and unpack it into `scratch`: installs nothing, needs no root."""
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise Unavailable(f"this system has no {program} (it is not Debian or Ubuntu)")
    bounded = ["-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1"]
    bounded += ["-o", f"APT::Sandbox::User={getpass.getuser()}"]
    try:
        _run(["apt-get", *bounded, "download", PACKAGE], seconds=seconds, folder=scratch)
    except Unavailable:
        # A fresh system has no package lists yet: get them, into the scratch folder.
        lists = ["-o", f"Dir::State={scratch}/state", "-o", f"Dir::Cache={scratch}/cache"]
        (scratch / "state" / "lists" / "partial").mkdir(parents=True)
        (scratch / "cache" / "archives" / "partial").mkdir(parents=True)
        _run(["apt-get", *bounded, *lists, "update"], seconds=seconds, folder=scratch)
        _run(["apt-get", *bounded, *lists, "download", PACKAGE], seconds=seconds, folder=scratch)
    [package] = scratch.glob("*.deb")
    version = _run(["dpkg-deb", "--field", str(package), "Version"], seconds=60)
    _run(["dpkg-deb", "--extract", str(package), str(scratch / "package")], seconds=60)
    return Located(scratch / "package" / PACKAGE_FOLDER.relative_to("/"), version)


def _run(command: Sequence[str], *, seconds: int, folder: Path | None = None) -> str:
    """Run a command and return what it printed; `Unavailable` with its last words if it fails or takes too long."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"no answer within {seconds} s") from None
    except OSError as error:
        raise Unavailable(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip() or "it failed without a word").splitlines()
        raise Unavailable(words[-1])
    return done.stdout.strip()


def _how_to_supply(attempts: Sequence[str]) -> str:
    tried = "\n".join(f"  {i}. {attempt}" for i, attempt in enumerate(attempts, 1))
    names = "\n".join(f"        {raw.name}.gz" for raw in RAW_FILES)
    return f"""{NOT_HAD} Tried, in this order:
{tried}

Supply the files in one of these ways, then start again (what is finished is kept):
  - on Debian or Ubuntu, install the package: sudo apt install {PACKAGE}
  - anywhere else, put the four published files into a folder, compressed or not,
{names}
    and name the folder in config.yaml:
        fashion_mnist:
          folder: /path/to/that/folder
    (they are described, with links, at github.com/zalandoresearch/fashion-mnist)
  - or start again where there is a network connection.
Without them the linear experiment can be studied alone:
    snakemake --cores all --config 'experiments=[linear_regression]'"""
