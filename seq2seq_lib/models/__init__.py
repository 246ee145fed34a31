"""Encoders, bridges, attention and decoders, and the model that joins them."""
