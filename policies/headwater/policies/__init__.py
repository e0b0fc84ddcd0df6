"""What is allowed: policies, the facts they judge, and the engines that decide."""

from headwater.policies.bundle import build_bundle
from headwater.policies.bundle_check import MAX_PACKED, BundleContents, inspect_bundle
from headwater.policies.choose import open_engine, refuse_rego
from headwater.policies.conflicts import Conflicts, find_conflicts
from headwater.policies.engine import Decision, Engine, Terms
from headwater.policies.explain import Reason, explain
from headwater.policies.facts import Facts, Normaliser, normalise
from headwater.policies.load import load_policies
from headwater.policies.model import PolicySet
from headwater.policies.opa_check import check_modules
from headwater.policies.schema import SCHEMA_KINDS, schema_of
from headwater.policies.signing import Signer, public_key
from headwater.policies.vocabulary import Vocabulary

__all__ = [
    "MAX_PACKED",
    "SCHEMA_KINDS",
    "BundleContents",
    "Conflicts",
    "Decision",
    "Engine",
    "Facts",
    "Normaliser",
    "PolicySet",
    "Reason",
    "Signer",
    "Terms",
    "Vocabulary",
    "build_bundle",
    "check_modules",
    "explain",
    "find_conflicts",
    "inspect_bundle",
    "load_policies",
    "normalise",
    "open_engine",
    "public_key",
    "refuse_rego",
    "schema_of",
]
