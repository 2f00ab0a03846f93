"""Getting Fashion-MNIST, or another image set, onto this machine, and never using a file that is not it.

What counts is the content of the decompressed files: every source is held to the same SHA-256 and the same shapes. Of
another set than Fashion-MNIST the SHA-256 are those that the configuration names, or none, and are recorded.
(The Debian package compresses the files anew, so the checksums of its .gz files are not the publisher's.)
"""

import getpass
import gzip
import hashlib
import io
import json
import math
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from regularization.system import fashion_mnist
from regularization.system.errors import UserError
from regularization.system.fashion_mnist import SHAPES, Images
from regularization.system.files import read_json, write_bytes
from regularization.system.image_sets import FASHION_MNIST, PUBLISHED

PACKAGE = "dataset-fashion-mnist"  # in Debian and Ubuntu
PACKAGE_FOLDER = Path("/usr/share/datasets/fashion-mnist")
NOT_HAD = "could not be had."  # no source has it: said for this reason and no other
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

    def names(self, images: str) -> tuple[str, ...]:
        """What the file is called in an image set."""
        name = f"emnist-digits-{self.name.replace('t10k', 'test')}" if images == "EMNIST digits" else self.name
        return name, f"{name}.gz"

    def digest(self, array: np.ndarray) -> str:
        """SHA-256 of the file as published that would hold an array of its shape."""
        digest = hashlib.sha256(np.array(self.header, ">i4").tobytes())
        digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


SHA256 = {  # of the decompressed files that are Fashion-MNIST's
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


# Where a source has put the four files, and the version of the package or library they came with, where known.
Located = tuple[Path, str | None]


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
    name: str = FASHION_MNIST


def fetch(
    sources: Sequence[Source], say: Callable[[str], None], name: str = FASHION_MNIST, sha256: Sequence[str] = ()
) -> Fetched:
    """Try the sources in their order; return the first complete and verified image set of that name.

    `say` is told, a line each, what is tried and what came of it. Raises `Unavailable` if no source has it; the message
    lists every attempt and the ways to supply the files.
    """
    attempts = []
    for source in sources:
        say(f"Trying {source.name} …")
        with tempfile.TemporaryDirectory(prefix="fashion-mnist-") as scratch:
            try:
                folder, version = source.locate(Path(scratch))
                arrays = read(folder, name, sha256)
            except Unavailable as reason:
                say(f"  no: {reason}")
                attempts.append(f"{source.name}: {reason}")
                continue
        known = name == FASHION_MNIST or sha256
        say(f"  all four files are there, and their checksums are {'right' if known else 'recorded'}")
        return Fetched(arrays, source.name, version, name)
    raise Unavailable(_how_to_supply(attempts, name))


def store(fetched: Fetched, folder: Path) -> None:
    """Write the arrays, then `fetch.json`, which so says that all of them are complete."""
    for name, array in fetched.arrays.items():
        content = io.BytesIO()  # NumPy does not say why a file cannot be written
        np.save(content, array)
        write_bytes(content.getvalue(), folder / f"{name}.npy")
    names = {"name": fetched.name, "source": fetched.source, "version": fetched.version}
    record = {**names, "sha256": checksums(fetched.arrays)}
    write_bytes(f"{json.dumps(record, indent=2)}\n".encode(), folder / "fetch.json")


def load(folder: Path) -> Images:
    """Memory-map the stored arrays, once they are found to be those that were fetched; `Damaged` names one that is not.

    What goes by the name of Fashion-MNIST must be it, whatever the record says.
    """
    try:
        images = fashion_mnist.load(folder)
        record = read_json(folder / "fetch.json")
    except (OSError, ValueError, EOFError, UserError) as error:
        words = str(error).splitlines()[0]
        named = words if str(folder) in words else f"{folder} holds a damaged array: {words}"
        raise Damaged(f"{named}. {REMEDY.format(folder=folder)}") from None
    name = str(record.get("name", FASHION_MNIST))
    sha256 = SHA256 if name == FASHION_MNIST else record.get("sha256", {})
    for raw in RAW_FILES:
        if raw.digest(getattr(images, raw.array)) != sha256.get(raw.name):
            path = folder / f"{raw.array}.npy"
            raise Damaged(f"{path} is damaged: it is not {name}'s. {REMEDY.format(folder=folder)}")
    return images


def read(folder: Path, name: str = FASHION_MNIST, sha256: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Read and verify a folder's files, plain or .gz, as `Images`' fields; `Unavailable` names the first that fails.

    `sha256` are those of another set than Fashion-MNIST, in the order of `RAW_FILES`; none: what is there is taken.
    """
    if not folder.is_dir():
        raise Unavailable(f"there is no folder {folder}")
    wanted = [SHA256[raw.name] for raw in RAW_FILES] if name == FASHION_MNIST else sha256 or [""] * len(RAW_FILES)
    places = (folder, *(folder / loader / "raw" for loader in PUBLISHED.get(name, ())[:1]))
    pairs = zip(RAW_FILES, wanted, strict=True)
    return {raw.array: _verified(raw, _find(raw, places, name), name, digest) for raw, digest in pairs}


def checksums(arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    """SHA-256 of the four decompressed files that hold the arrays, by name."""
    return {raw.name: raw.digest(arrays[raw.array]) for raw in RAW_FILES}


def _find(raw: RawFile, places: Sequence[Path], images: str) -> Path:
    """The file in the folder itself, or where torchvision keeps it below a folder."""
    names = raw.names(images)
    for path in (place / name for place in places for name in names):
        if path.is_file():
            return path
    raise Unavailable(f"{places[0]} holds neither {' nor '.join(names)}")


def _verified(raw: RawFile, path: Path, images: str, sha256: str) -> np.ndarray:
    """What a file holds; of a set that is larger than Fashion-MNIST the first images or labels."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except EOFError:
        raise Unavailable(f"{path} is truncated: the compressed data end too early") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Unavailable(f"{path} is corrupted: {error}") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    n_header = len(raw.header)
    header = tuple(int(number) for number in np.frombuffer(content[: 4 * n_header].ljust(4 * n_header), ">i4"))
    whole = raw
    if images != FASHION_MNIST and header[0] == raw.header[0]:
        if header[1] < raw.header[1]:
            raise Unavailable(f"{path} holds {header[1]:,} of the {raw.header[1]:,} images or labels that are needed")
        whole = replace(raw, header=(*header[:2], *raw.header[2:]))
    if len(content) != whole.n_bytes:
        fault = "is truncated" if len(content) < whole.n_bytes else f"is not {images}'s"
        raise Unavailable(f"{path} {fault}: {len(content):,} bytes where {whole.n_bytes:,} are expected")
    if header != whole.header:
        raise Unavailable(f"{path} is not {images}'s: its header says {header}, expected {whole.header}")
    shape = SHAPES[raw.array]
    values = np.frombuffer(content, np.uint8, math.prod(shape), offset=4 * n_header).reshape(shape)
    if (digest := raw.digest(values)) != sha256 and sha256:
        found = f"its content has SHA-256 {digest}, expected {sha256}"
        raise Unavailable(f"{path} is corrupted or not {images}'s: {found}")
    if len(shape) == 1 and values.max() > 9:
        raise Unavailable(f"{path} has the label {values.max()}: ten classes are expected, 0 to 9")
    return values


def standard_sources(user_folder: Path | None, name: str = FASHION_MNIST) -> tuple[Source, ...]:
    """The sources in the order in which they are tried: what is at hand first, then what needs a network."""
    folder = Source("the folder named in config.yaml (fashion_mnist: folder)", lambda _: _named_folder(user_folder))
    if name not in PUBLISHED:
        return (folder,)
    download = Source("a download with torchvision", lambda scratch: torchvision_download(scratch, name))
    if name != FASHION_MNIST:
        return folder, download
    package, apt = f"the system package {PACKAGE}", f"apt-get download {PACKAGE}"
    return folder, Source(package, _system_package), download, Source(apt, apt_download)


def _named_folder(folder: Path | None) -> Located:
    if folder is None:
        raise Unavailable("no folder is named there")
    return folder, None


def _system_package(_: Path) -> Located:
    if not PACKAGE_FOLDER.is_dir():
        raise Unavailable(f"it is not installed (there is no {PACKAGE_FOLDER})")
    try:
        version = _run(["dpkg-query", "--show", "--showformat=${Version}", PACKAGE], seconds=60)
    except Unavailable:
        version = None  # the files lie there without the package's record, e.g. copied
    return PACKAGE_FOLDER, version


def torchvision_download(
    scratch: Path, name: str = FASHION_MNIST, *, stall_seconds: int = 20, seconds: int = 600
) -> Located:
    """Let torchvision download into an empty folder, until `seconds` are over or nothing comes for `stall_seconds`."""
    program = (
        "import socket, sys; socket.setdefaulttimeout(float(sys.argv[2]));"
        "import torchvision; getattr(torchvision.datasets, sys.argv[3])(sys.argv[1], *sys.argv[4:], download=True);"
        "print(torchvision.__version__)"
    )
    output = _run([sys.executable, "-c", program, str(scratch), str(stall_seconds), *PUBLISHED[name]], seconds=seconds)
    return scratch, f"torchvision {output.split()[-1]}"


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
    return scratch / "package" / PACKAGE_FOLDER.relative_to("/"), version


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


def _how_to_supply(attempts: Sequence[str], images: str) -> str:
    from regularization.system import wording  # here: no other error needs templates

    files, package = [raw.names(images)[1] for raw in RAW_FILES], PACKAGE if images == FASHION_MNIST else None
    facts = {"images": images, "reason": NOT_HAD, "attempts": attempts, "files": files, "package": package}
    return wording.environment(()).get_template("no_images.txt.j2").render(facts).rstrip()
