"""Where conversations are kept: without anybody's words, sealed, and not for long (docs/adr/0019)."""

# The environment variable with the path of the SQLite file; it goes before that of endpoints.yml.
PATH_VARIABLE = "BOUSSOLE_CONVERSATIONS"
