"""The tables of the file of a class."""

import sqlite3
from contextlib import closing
from typing import Final

_TABLES: Final = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS class (phrase TEXT NOT NULL, begun TEXT NOT NULL, allowed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS member (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS question (id TEXT PRIMARY KEY, round INTEGER NOT NULL, revealed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS guess (
  question TEXT NOT NULL, round INTEGER NOT NULL, member TEXT NOT NULL, option INTEGER NOT NULL,
  PRIMARY KEY (question, round, member)
);
"""


def use_tables(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing, and check that the file is whole and holds nothing else.

    Raises:
        sqlite3.DatabaseError: It is damaged, or another program's.
    """
    connection.executescript(_SCHEMA)
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(_SCHEMA)
        expected = ours.execute(_TABLES).fetchall()
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("it is damaged")
    if connection.execute(_TABLES).fetchall() != expected:
        raise sqlite3.DatabaseError("it holds something else than a class")
