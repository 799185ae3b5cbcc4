"""Copies of backups off this server, in a store or the admins' chat: none counts that was not read back.

Which are owed stands in ``backups/ledger.py``, for the list of backups names them too.
"""
