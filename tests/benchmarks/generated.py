"""Policies and facts of any size, made from a seed."""

from __future__ import annotations

from random import Random

from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import PolicySet, Vocabulary
from headwater.policies.model import AccessPolicy, Atom, Condition, Dates, Effect, Mode, Rule
from headwater.policies.model import All as AllOf

LEVELS = ("general-1", "general-2", "general-3", "general-4", "important", "core")
CATEGORIES = ("financial", "health", "identity-number", "location", "minors", "personal")
DEPARTMENTS = tuple(f"department-{number:02}" for number in range(40))
PURPOSES = tuple(f"purpose-{number:02}" for number in range(60))
VOCABULARY = Vocabulary(
    {
        name: (name,) if at < 5 else (name, DEPARTMENTS[at % 5])
        for at, name in enumerate(DEPARTMENTS)
    },
    {name: (name,) if at < 6 else (name, PURPOSES[at % 6]) for at, name in enumerate(PURPOSES)},
    CATEGORIES,
    {},
)
AGREEMENT = ("active", "expired", "pending", "terminated", "superseded", "draft", "none")
NAME = Text("generated", "生成")
MESSAGE = Text(
    "{subject.department} may not have {resource.column} of `{resource.name}` for {context.purpose}",
    "{subject.department}不得将 `{resource.name}` 的字段 {resource.column} 用于{context.purpose}",
)
REMEDY = Text("ask {resource.department}", "请咨询{resource.department}")


def condition(random: Random) -> Atom:
    """Return one condition of the kinds that stewards write."""
    rank = random.randrange(1, 5)
    department, purpose = random.choice(DEPARTMENTS), random.choice(PURPOSES)
    atoms = (
        Atom("action", "in", tuple(sorted(random.sample(["read", "share", "export"], 2)))),
        Atom("subject.department", "eq", (department,)),
        Atom("subject.department", "in", tuple(sorted(random.sample(DEPARTMENTS, 5)))),
        Atom("subject.clearance", random.choice(["at_least", "below"]), (LEVELS[rank],)),
        Atom("resource.department", "under", (random.choice(DEPARTMENTS[:5]),)),
        Atom("resource.level", random.choice(["at_least", "below"]), (LEVELS[rank],)),
        Atom("resource.categories", "has", (random.choice(CATEGORIES),)),
        Atom("context.purpose", "under", (random.choice(PURPOSES[:6]),)),
        Atom("context.purpose", "eq", (purpose,)),
        Atom("context.agreement", "not_in", tuple(sorted(random.sample(AGREEMENT, 2)))),
        Atom("context.hops", "above", (random.randrange(1, 9),)),
        Atom("context.masked", "eq", (random.random() < 0.5,)),
    )
    return random.choice(atoms)


def policies(rules: int, *, seed: int = 5, conditions: int = 3, allowing: float = 0.3) -> PolicySet:
    """Return a policy of ``rules`` rules, each of ``conditions`` conditions on as many attributes."""
    random = Random(seed)  # noqa: S311 - reproducible
    made = []
    for number in range(rules):
        chosen: dict[str, Condition] = {}
        while len(chosen) < conditions:
            atom = condition(random)
            chosen.setdefault(atom.attribute, atom)
        effect = Effect.ALLOW if random.random() < allowing else Effect.DENY
        when = AllOf(tuple(chosen.values()))
        position = Position("policies/generated.yaml", number + 1)
        made.append(
            Rule(
                f"generated/r{number:04}",
                effect,
                None,
                when,
                MESSAGE,
                REMEDY,
                ("PIPL-23",),
                ('{"delete_after":"P90D"}',) if effect is Effect.ALLOW and number % 2 else (),
                position,
            )
        )
    place = Position("policies/generated.yaml")
    dates = Dates(None, None)
    return PolicySet(
        (AccessPolicy("generated", NAME, None, (), dates, Mode.ENFORCE, tuple(made), place),), ()
    )


def document(random: Random, *, absent: float = 0.05) -> dict[str, object]:
    """Return one facts document; each attribute is absent with a small probability."""

    def perhaps(**values: object) -> dict[str, object]:
        return {name: value for name, value in values.items() if random.random() >= absent}

    return {
        "action": random.choice(["read", "share", "export"]),
        "subject": perhaps(department=random.choice(DEPARTMENTS), clearance=random.choice(LEVELS)),
        "resource": perhaps(
            department=random.choice(DEPARTMENTS),
            level=random.choice(LEVELS),
            categories=sorted(random.sample(CATEGORIES, random.randrange(4))),
            name=f"table-{random.randrange(10**9)}",
            column=f"column-{random.randrange(10**9)}",
        ),
        "context": perhaps(
            purpose=random.choice(PURPOSES),
            agreement=random.choice(AGREEMENT),
            hops=random.randrange(1, 12),
            masked=random.random() < 0.3,
        ),
    }
