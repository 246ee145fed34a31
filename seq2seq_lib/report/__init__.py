"""Tables, figures, widgets and exports, drawn from models and records."""
