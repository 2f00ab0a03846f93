"""Fashion-MNIST as it was fetched and stored, found to be undamaged before it is used."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from regularization.system import fashion_mnist
from regularization.system.errors import UserError
from regularization.system.fashion_mnist import Images
from regularization.system.fetching import RAW_FILES

REMEDY = "`make` keeps the files aside and fetches them again; without make, delete {folder} and start again"


class Damaged(UserError):
    """A stored array is not what was fetched."""


def load(folder: Path) -> Images:
    """Memory-map the stored arrays once they have been found to be Fashion-MNIST's.

    Raises:
        Damaged: naming the array that is not, and the remedy.
    """
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
