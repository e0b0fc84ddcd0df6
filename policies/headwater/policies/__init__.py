"""What is allowed: policies, the facts they judge, and the engines that decide."""

from headwater.policies.bundle import build_bundle
from headwater.policies.facts import Facts, normalise
from headwater.policies.load import load_policies
from headwater.policies.model import PolicySet
from headwater.policies.vocabulary import Vocabulary

__all__ = ["Facts", "PolicySet", "Vocabulary", "build_bundle", "load_policies", "normalise"]
