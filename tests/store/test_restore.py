"""A live database that becomes another one."""

from __future__ import annotations

import subprocess
import sys

AGAIN_AND_AGAIN = """
from emulator.store.database import Database
database = Database()
database.execute("CREATE TABLE things (tags)")
database.execute("INSERT INTO things VALUES ('[1]')")
content = database.serialize()
for number in range(200):
    for _ in range(2):
        rows = database.all(f"SELECT value, {number} FROM things, json_each(things.tags)")
        assert rows[0]["value"] == 1
    database.execute("DELETE FROM things")
    database.restore(content)
"""


def test_restoring_is_safe_for_queries_of_json() -> None:
    """Were it not, the process would crash: so it is another one."""
    ran = subprocess.run([sys.executable, "-c", AGAIN_AND_AGAIN], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
