"""The learner: a recipe, standardisation, logistic regression, scoring, and the gate for new models."""
