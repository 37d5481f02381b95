"""The changed kernels: each change fits, and what learns otherwise is refused."""

import shutil

import pytest

from microgpt.native import Native
from tools.measure import adams
from tools.proof.pages import RunError

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", adams.CHANGES)
def test_a_change_fits_the_kernel_as_it_is(name):
    text = Native.source.read_text("utf-8")
    changed = adams.changed(text, adams.CHANGES[name])
    assert (changed == text) == (name == "kernel")


@pytest.mark.parametrize("text", ["", "a = 1;\na = 1;\n"])
def test_what_is_not_found_once_is_not_changed(text):
    with pytest.raises(RunError, match="not once"):
        adams.changed(text, {"a = 1;": "b = 1;"})


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_a_kernel_that_learns_otherwise_is_not_timed(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wrong = {"m[i] / (sqrt": "m[i] * 1.001 / (sqrt"}
    monkeypatch.setitem(adams.CHANGES, "wrong", wrong)
    state, docs = adams.setting(16)
    names = ("kernel", "newton", "tile", "wrong")
    kinds = {name: adams.variant(name, tmp_path) for name in names}

    def compare(names):
        adams.compare({name: kinds[name](state, threads=1) for name in names}, docs)

    compare(names[:3])
    with pytest.raises(RunError, match="wrong has other losses"):
        compare(names)
