"""Copies ORC files into one folder per table, since a table's location is a folder.

`orc/` (make_orc.py) is laid out for tests of the reader, file by file. The copies are the same content, so a repository keeps
them once.
"""

import shutil

TABLES = {
    "types": ["types"],
    "types_v1": ["types_v1"],
    "types_dictionary": ["types_dictionary"],
    "codecs": ["codec_uncompressed", "codec_zlib", "codec_snappy", "codec_lz4", "codec_zstd"],
    "stripes": ["stripes"],
    "groups": ["groups"],
    "stripes_groups": ["stripes_groups"],
    "sparse": ["sparse"],
    "nested": ["nested"],
    "texts": ["texts"],
    "times": ["times"],
    "zone_los_angeles": ["zone_los_angeles"],
    "zone_kolkata": ["zone_kolkata"],
    "evolved": ["evolved_old", "evolved_new", "evolved_hive"],
    "evolved_named": ["evolved_old", "evolved_new"],
    "empty": ["empty"],
    "refused_acid": ["refused_acid"],
    "refused_root": ["refused_root"],
}


def write(root):
    for table, files in TABLES.items():
        folder = root / "orc_tables" / table
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            shutil.copyfile(root / "orc" / f"{name}.orc", folder / f"{name}.orc")
    # A file cut short, as an interrupted upload leaves it.
    content = (root / "orc" / "types.orc").read_bytes()
    folder = root / "orc_tables" / "truncated"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "truncated.orc").write_bytes(content[: len(content) // 2])
