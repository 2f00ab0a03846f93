"""Errors that a user can repair: a program answers them in a line or two, and everything else with a traceback."""

import errno

_WRITABLE = "make it writable, or name another place, such as other results: in config.yaml"
REMEDY = {  # of an error of the system: what it means, and what to do
    errno.ENOENT: ("it is not there", "check its name, and that the step that makes it has run"),
    errno.EACCES: ("no permission", _WRITABLE),
    errno.EROFS: ("it is on a file system that cannot be written", _WRITABLE),
    errno.EEXIST: ("it is a file where a folder is needed", "delete it, or name another place"),
    errno.ENOTDIR: ("a part of its path is a file where a folder is needed", "delete it, or name another place"),
    errno.EISDIR: ("it is a folder where a file is needed", "name a file"),
    errno.ENAMETOOLONG: ("its name is too long", "choose a shorter one"),
    errno.ENOSPC: ("no space is left on the device", "free some space, or name another place"),
    errno.EDQUOT: ("no more may be stored", "free some space, or ask for a larger quota"),
    errno.EFBIG: ("it is larger than files may be", "raise the limit on the size of files (ulimit -f)"),
}


class UserError(Exception):
    """An error that a user can repair; the message names the thing, its value, what is allowed and what to do."""


def in_words(error: UserError | OSError) -> str:
    """Return an error's message, with what to do about it where the operating system raised it."""
    if not isinstance(error, OSError):
        return str(error)
    reason = ": ".join(REMEDY.get(error.errno or 0, (error.strerror or str(error),)))
    path = error.filename2 or error.filename  # of a renaming: the name that was wanted
    return f"{path}: {reason}" if path else reason
