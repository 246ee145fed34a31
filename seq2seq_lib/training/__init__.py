"""One model, one loop, resumable, on one process or several."""
