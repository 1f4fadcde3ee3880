"""How a plan is shown: text for a terminal, Markdown for a document. Faces never compute."""
