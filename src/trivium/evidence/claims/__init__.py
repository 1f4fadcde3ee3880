"""Claims of a text held against the base: `text → assertions → rules → findings`.

Conservative: what cannot be judged is said to be so, and silence is never agreement.
"""
