"""Codes of expressions, in knowledge and at the command line alike (see docs/semantics.md):

- **TRV101**: it cannot be read. **TRV102**: too long or too deep. **TRV103**: there is no such date.
- **TRV110 unknown-name**: no fact or criterion is called so.
- **TRV111**: a value of another type is needed. **TRV112**: units that do not convert into one another.
- **TRV113**: a number that cannot be held exactly. **TRV116**: a number without a unit beside one with a
  unit.
- **TRV114**: the condition of `if` could be unknown; wrap it in `is true`.
- **TRV115**: no such choice. **TRV117**: arithmetic that has no meaning.
- **TRV120**: its numbers could outgrow what SQL can hold.
- **TRV121**: a number is finer or larger than CQL's decimals can hold (only when a CQL library is written).
"""
