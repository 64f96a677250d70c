"""The weekly brief: its view, charts, rendering and delivery."""
