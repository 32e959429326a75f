"""Plain Python: importable and tested without ComfyUI."""
