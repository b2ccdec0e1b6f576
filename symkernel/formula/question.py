"""A question asked on one floor and answered on a higher one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, overload

Body = TypeVar("Body", bound=Callable[..., Any])


class Question:
    """A method of a class whose body is supplied by a room above, so that no room imports upwards.

    >>> class Lamp:
    ...     colour = Question("the room of lights")
    >>> @Lamp.colour.answered
    ... def colour(lamp):
    ...     return "green"
    >>> Lamp().colour()
    'green'
    """

    def __init__(self, room: str) -> None:
        self.room = room
        self.body: Callable[..., Any] | None = None

    def answered(self, body: Body) -> Body:
        """Take the decorated function as the method's body."""
        self.body, self.__doc__ = body, body.__doc__
        return body

    @overload
    def __get__(self, instance: None, owner: type) -> Question: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Callable[..., Any]: ...
    def __get__(self, instance: object, owner: type) -> Question | Callable[..., Any]:
        if instance is None:
            return self
        if self.body is None:
            raise LookupError(f"this is answered in {self.room}: import it first")
        return partial(self.body, instance)
