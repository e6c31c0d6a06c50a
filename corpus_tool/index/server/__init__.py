"""An index on a PostgreSQL server, shared by several machines: `corpus_tool.index.protocol.Storage` once more.

    address     what was typed, and what of it may be shown
    session     a connection, and what its errors mean to people
    schema      the tables and views, and whose they are
    rows        the rows of postings
    storage     the protocol itself

psycopg is imported here and nowhere else, and this package only when an address is given.
"""
