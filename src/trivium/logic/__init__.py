"""One expression tree and its readings: evaluate, explain, columns (SQL), proof (SMT)."""
