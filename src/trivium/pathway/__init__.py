"""Where the patient stands: criteria, recommendations, options, alerts, scores, questions."""
