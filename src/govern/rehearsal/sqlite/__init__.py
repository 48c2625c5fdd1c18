"""The SQLite engine: nothing needs to be installed. A clone is one file, and the file is compared to the byte."""
