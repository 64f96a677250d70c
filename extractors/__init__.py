"""The only room with spaCy: from the text of one document to its deals and prices."""
