"""Codes of the reader, before anything is looked at:

- **TRV150 unreadable-file**: the file cannot be opened, is not UTF-8, or is larger than 4 MB.
- **TRV151 syntax**: it is not YAML; the place is where reading stopped.
- **TRV152 repeated-key**: a key stands twice in one mapping; YAML readers would silently take the last.
- **TRV153 ambiguous-word**: unquoted yes, no, on or off, which mean true or false to some readers. Quote
  it, or write true or false.
- **TRV154 alias**: an anchor, alias, tag or merge key. Values are written out where they are used.
- **TRV155 stray-file**: a file or folder that knowledge is not made of; a misspelt name would be left
  out silently.
- **TRV156 no-pathway**: there is no pathway, or more than one.
"""
