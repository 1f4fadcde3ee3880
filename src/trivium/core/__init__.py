"""Truth, values, units, errors and source spans: what every other layer stands on."""
