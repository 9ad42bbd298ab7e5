"""Similarity of tasks at every depth of a network."""

from core.affinity.similarity import Similarity, dissimilarities, similarities

__all__ = ["Similarity", "dissimilarities", "similarities"]
