"""What is allowed: policies, the facts they judge, and the engines that decide."""

from headwater.policies.bundle import build_bundle
from headwater.policies.choose import open_engine
from headwater.policies.engine import Decision, Engine, Terms
from headwater.policies.explain import Reason, explain
from headwater.policies.facts import Facts, normalise
from headwater.policies.load import load_policies
from headwater.policies.model import PolicySet
from headwater.policies.vocabulary import Vocabulary

__all__ = [
    "Decision",
    "Engine",
    "Facts",
    "PolicySet",
    "Reason",
    "Terms",
    "Vocabulary",
    "build_bundle",
    "explain",
    "load_policies",
    "normalise",
    "open_engine",
]
