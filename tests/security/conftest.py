"""Datasets of retrieval's tests."""

from tests.retrieval.conftest import make_dataset

__all__ = ["make_dataset"]
