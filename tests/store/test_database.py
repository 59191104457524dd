"""The calls that queries are made of."""

from contextlib import suppress

from emulator.store.database import Database


def test_what_is_gathered_is_written_at_the_end_and_seen_by_who_reads():
    database = Database()
    database.execute("CREATE TABLE things (name TEXT)")
    insert = "INSERT INTO things VALUES (?)"
    with database.gathering():
        database.write(insert, ("a",))
        database.write(insert, ("b",))
        assert database.execute("SELECT count(*) FROM things").fetchone()[0] == 0
        assert database.value("SELECT count(*) FROM things") == 2
        database.write(insert, ("c",))
    database.write(insert, ("d",))
    names = database.all("SELECT name FROM things ORDER BY rowid")
    assert [row["name"] for row in names] == ["a", "b", "c", "d"]


def test_what_was_gathered_before_a_failure_is_forgotten():
    database = Database()
    database.execute("CREATE TABLE things (name TEXT)")
    with suppress(ValueError), database.gathering():
        database.write("INSERT INTO things VALUES (?)", ("a",))
        raise ValueError
    assert database.value("SELECT count(*) FROM things") == 0


def test_while_nothing_changes_the_bytes_are_the_same_object():
    database = Database()
    database.execute("CREATE TABLE things (name TEXT)")
    database.execute("INSERT INTO things VALUES ('a')")
    content = database.serialize()
    assert database.serialize() is content
    database.execute("UPDATE things SET name = 'b'")
    assert database.serialize() != content
    database.restore(content)
    assert database.serialize() is content
