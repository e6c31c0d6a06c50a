"""What has been seen: a memory of earlier runs, kept in a file or on a server, that new records are held against.

    sketches of new records ──find──> stored records that share a key ──sketch, search, decide──> witnesses
                                                                    ──take──> stored records

`protocol` says what a storage must do, `sqlite` does it in one file; nothing else knows how records are stored.
"""
