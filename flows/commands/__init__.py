"""The commands of ``megawatch``, one module a group; each is thin and imports what it needs when it is called."""
