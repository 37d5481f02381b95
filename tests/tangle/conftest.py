"""A desk for each test of the tangler."""

import pytest

from tests.tangle.desk import Desk


@pytest.fixture
def desk(tmp_path, capsys):
    return Desk(tmp_path, capsys)
