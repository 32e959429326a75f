"""Plain Python: importable and tested without ComfyUI."""

VERSION = "0.1.0"  # of the pack; pyproject.toml and CHANGELOG.md say the same
