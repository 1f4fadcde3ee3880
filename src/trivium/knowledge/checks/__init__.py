"""The checks that knowledge must pass before anything is served from it; one check a file.

A check's docstring is its page in docs/checks.md; `checks.registry` lists them and writes that page.
"""
