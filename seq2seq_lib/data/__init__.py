"""Sentences -> batches."""
