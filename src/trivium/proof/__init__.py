"""Safety properties of a pathway, proved over all states of a patient or refuted with one."""
