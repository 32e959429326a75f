"""Tiny models with random weights for every local family, made in memory: no hub, no downloads, a few
megabytes in all."""
