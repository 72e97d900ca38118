"""Copies of the database and the photos, elsewhere; `manage.py backup` makes them, `manage.py restore` reads them.

place/database/20261128T150000Z.dump    pg_dump -Fc, or SQLite's own file
place/database/20261128T150000Z.json    how many rows each table had and their digest, written last
place/photos/2026/11/28/…               the storage's objects under their keys, as they were at the last backup
place/gone/20261128T150000Z/…           what that backup found destroyed: older dumps still tell of it
"""
