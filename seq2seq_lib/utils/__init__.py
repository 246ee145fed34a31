"""What every room may use, and knows none of them: files, device, progress."""
