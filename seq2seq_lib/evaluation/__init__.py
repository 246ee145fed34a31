"""Decode and score."""
