"""What one clicks in JupyterLab."""
