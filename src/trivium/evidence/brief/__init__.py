"""A graded, cited brief about any set of agents: `question → matches → numbers → sections → document`."""
