"""The only room with Prefect, and the command line on top."""
