"""Codes of the builder, which looks names up and makes values exact:

- **TRV163 unreadable-value**: a value in an example is not one that its fact can have.
- **TRV164 circular**: facts or criteria are defined by one another.
- **TRV165 unit-table**: `units.yaml` contradicts itself or names a unit that is no UCUM.
- **TRV166 unknown-recommendation**: a property names a recommendation that does not exist.
"""
