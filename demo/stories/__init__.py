"""The demo community's members and cases as data. Every patient here is invented."""

from demo.stories.people import GROUPS, PEOPLE
from demo.stories.rashes import RASHES
from demo.stories.schema import Person, Story
from demo.stories.tumours import TUMOURS
from demo.stories.workflow import WORKFLOW

# The order in which the cases are created.
STORIES: tuple[Story, ...] = (*RASHES, *TUMOURS, *WORKFLOW)

__all__ = ["GROUPS", "PEOPLE", "STORIES", "Person", "Story"]
