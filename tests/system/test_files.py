"""Files are complete or not there, also after a power cut, and a disk that takes none is named in a line."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pytest
import writers

from regularization.system.files import CannotWrite, read_table, renamed_when_complete, write_bytes, write_table
from studies import ROOT


def test_a_file_appears_when_it_is_complete_as_it_was_given_and_errors_stay_what_they_are(tmp_path):
    path = tmp_path / "new" / "file"
    with renamed_when_complete(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
    with pytest.raises(ZeroDivisionError), renamed_when_complete(path) as temporary:
        temporary.write_text(f"second, and then {1 / 0}")
    assert path.read_text() == "first"
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(FileNotFoundError), renamed_when_complete(tmp_path / "file"):
        raise FileNotFoundError(errno.ENOENT, "something was not found")
    write_table(pd.DataFrame({"a": [1, 2]}), tmp_path / "t.parquet", csv=True)
    write_bytes(b"abc", tmp_path / "b")
    assert pd.read_parquet(tmp_path / "t.parquet")["a"].tolist() == [1, 2]
    assert (tmp_path / "t.csv").read_text() == "a\n1\n2\n"
    assert (tmp_path / "b").read_bytes() == b"abc"


def test_a_table_of_many_row_groups_is_read_in_one_piece_as_it_was_written(tmp_path):
    """From text in many pieces pandas takes rows up to 60 times slower."""
    written = pd.DataFrame({"text": ["a", None, "b", "c"], "number": [1, 2, 3, 4]})
    written.to_parquet(tmp_path / "t.parquet", row_group_size=1, index=False)
    read = read_table(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read, written)
    assert {column.num_chunks for column in pa.Table.from_pandas(read).columns} == {1}
    written.iloc[:0].to_parquet(tmp_path / "empty.parquet", index=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "empty.parquet"), written.iloc[:0])
    fewer = read_table(tmp_path / "t.parquet", ["text"], filters=[("number", ">", 2)])
    pd.testing.assert_frame_equal(fewer, written.loc[2:, ["text"]].reset_index(drop=True))


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "free some space"), (errno.EDQUOT, "quota"), (errno.EROFS, "results"), (errno.EACCES, "writable")],
)
def test_what_the_disk_does_not_take_is_named_with_the_remedy(tmp_path, number, remedy):
    path = tmp_path / "table.parquet"
    path.write_text("old")
    words = f"table.parquet cannot be written: .*What is finished is kept: .*{remedy}"
    with pytest.raises(CannotWrite, match=words), renamed_when_complete(path):
        raise OSError(number, "")
    assert path.read_text() == "old"


@pytest.mark.parametrize("write", writers.WRITERS)
def test_a_file_is_on_the_disk_before_its_name_and_its_name_before_the_program_goes_on(tmp_path, monkeypatch, write):
    """What a power cut leaves is then the old file or the new one: the order of the calls, by file and length."""
    calls, fsync, replace = [], os.fsync, os.replace

    def identity(file):
        return (there := os.stat(file)).st_ino, there.st_size  # noqa: PTH116 - a descriptor or a path

    def noted_fsync(descriptor):
        calls.append(("fsync", *identity(descriptor)))
        fsync(descriptor)

    def noted_replace(old, new):
        calls.append(("rename", *identity(old), new))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write(0, tmp_path)
    paths = []
    for content, rename, names in zip(calls[::3], calls[1::3], calls[2::3], strict=True):
        assert content == ("fsync", *rename[1:3])
        paths.append(rename[3])
        assert names[:2] == ("fsync", paths[-1].parent.stat().st_ino)
        assert paths[-1].stat().st_size == rename[2]
    assert sorted(map(str, paths)) == sorted(str(tmp_path / name) for name in writers.found(tmp_path))


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not shutil.which("cc"), reason="needs Linux and a C compiler"
)
def test_an_error_of_every_call_in_turn_is_named_and_leaves_the_old_file_or_the_new(tmp_path):
    """Of opening, writing, syncing, linking, renaming: the device's (EIO), and a full disk's (ENOSPC)."""
    source, library = ROOT / "tests" / "system" / "failing_disk.c", tmp_path / "failing_disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    variables = {"LD_PRELOAD": str(library), "FAILING": str(tmp_path / "disk"), "PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(
        [sys.executable, writers.__file__], env={**os.environ, **variables}, stdout=subprocess.PIPE, check=True
    )
    outcomes = json.loads(done.stdout)
    assert {writer for writer, *_ in outcomes} == {write.__name__ for write in writers.WRITERS}
    for writer, number, said, before, after, new in outcomes:
        case = f"{writer}, call {number}: {said}"
        for name, content in after.items():
            assert content in (before[name], new[name]), f"{case}: {name}"
        whole, wanted = ({n: each[n] for n in each if not n.startswith(".finished")} for each in (after, new))
        assert whole.keys() == wanted.keys(), case
        if said or whole != wanted:  # a link that fails is done without
            says = r"/\S.* cannot be written: (Input/output error|No space left on .*)\. What.* then start again\."
            assert re.fullmatch(says, said), case
