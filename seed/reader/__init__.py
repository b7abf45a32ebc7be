"""From the paragraphs of any notice to its plan, and to the questions that are still open."""
