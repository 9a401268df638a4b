"""Finds the rule that covers a path: a tree of segments, so more rules cost nothing."""

from collections.abc import Iterable, Iterator

from coatcheck.core.errors import ConfigurationError
from coatcheck.web.rule import Rule, is_parameter


class RuleTree:
    """Rules by their segments.

    Args:
        builtin: Hold unless a rule for the same path replaces them; one must cover `/`.
        rules: The app's own. Two different ones for one path contradict each other.

    Raises:
        ConfigurationError: Rules contradict each other, or none covers `/`.
    """

    def __init__(self, builtin: Iterable[Rule], rules: Iterable[Rule]) -> None:
        self._root = _Node()
        chosen: dict[object, Rule] = {}
        for rule in rules:
            if chosen.setdefault(rule.reach, rule) != rule:
                raise ConfigurationError(f"two rules for {rule.path!r}", remedy="Keep one of them")
        for rule in builtin:
            chosen.setdefault(rule.reach, rule)
        for rule in chosen.values():
            self._root.insert(rule)
        covering = self._root.prefix
        if covering is None:
            raise ConfigurationError("no rule covers every path", remedy="Write one for /, not exact")
        self._otherwise = covering

    def find(self, path: str) -> Rule:
        """Return the most specific rule that covers a path, segment by segment."""
        inner = path.strip("/")
        return self._root.find(inner.split("/") if inner else [], 0) or self._otherwise

    def rules(self) -> list[Rule]:
        """Return all rules, sorted by path."""
        return sorted(self._root, key=lambda rule: (rule.segments, not rule.exact))


class _Node:
    """One segment's place in the tree."""

    __slots__ = ("any", "exact", "literals", "prefix")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.prefix: Rule | None = None
        self.exact: Rule | None = None

    def insert(self, rule: Rule) -> None:
        node = self
        for segment in rule.segments:
            if is_parameter(segment):
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.literals.setdefault(segment, _Node())
        if rule.exact:
            node.exact = rule
        else:
            node.prefix = rule

    def find(self, segments: list[str], depth: int) -> Rule | None:
        if depth == len(segments):
            return self.exact or self.prefix
        for child in (self.literals.get(segments[depth]), self.any):
            if child is not None and (found := child.find(segments, depth + 1)):
                return found
        return self.prefix

    def __iter__(self) -> Iterator[Rule]:
        yield from (rule for rule in (self.exact, self.prefix) if rule is not None)
        for child in (*self.literals.values(), *((self.any,) if self.any else ())):
            yield from child
