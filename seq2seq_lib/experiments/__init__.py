"""Specification -> record -> study."""
