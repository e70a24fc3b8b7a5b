"""What the course of the churn learner goes by: the recipe, the horizon, and where learning begins."""

from domain.detection.churn_recipe import FIRST_DAYS_IGNORED, HORIZON_DAYS, RECIPE
from domain.learning.course import Syllabus

CHURN = Syllabus(RECIPE, HORIZON_DAYS, FIRST_DAYS_IGNORED)
