"""Guillemets: ask a folder of articles, get back their own sentences, cited."""

__version__ = "0.1.0"
