"""``headwater.yaml``: the marks of a workspace's root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from headwater.catalog.elements import Dictionary, read_categories
from headwater.catalog.exchange import Exchange, HubFlow, HubRule
from headwater.catalog.forms import Form, Problems
from headwater.catalog.globs import Glob
from headwater.catalog.kinds import ENGINES, WORKSPACE
from headwater.catalog.label_rules import LabelSettings, read_labels
from headwater.catalog.lineage_sources import LineageSources, read_sources
from headwater.catalog.model import JobRule, NamespaceRule, OpaServer
from headwater.catalog.nodes import Scalar
from headwater.catalog.shapes import inner, keys
from headwater.catalog.text import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.nodes import Mapping, Node
    from headwater.catalog.position import Position
    from headwater.catalog.text import Text

Engine = Literal["auto", "opa", "native"]
_FOLDERS = ("policies", "contracts")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``headwater.yaml`` says."""

    id: str
    title: Text | None
    languages: tuple[str, ...]
    namespaces: tuple[NamespaceRule, ...]
    jobs: tuple[JobRule, ...]
    lineage: LineageSources
    checks_server: str | None
    engine: Engine
    opa: OpaServer | None
    disabled_rules: tuple[str, ...]
    dictionary: Dictionary
    labels: LabelSettings
    ignore: tuple[Glob, ...]
    require_signatures: bool
    exchange: Exchange | None
    position: Position
    zone: str
    packs: tuple[str, ...]


def read_settings(root: Path, node: Mapping, problems: Problems) -> Settings:
    """Return what ``headwater.yaml`` says; problems are gathered."""
    form = Form(node, problems, "headwater.yaml", *keys(WORKSPACE))
    checks = form.form("checks", *_inner("checks"), required=False)
    rules = form.form("rules", *_inner("rules"), required=False)
    _check_folders(root, form, problems)
    agreements = _agreements(root, form, problems)
    dictionary = read_categories(form, problems)
    return Settings(
        id=form.id(),
        title=form.title("title", required=False),
        languages=_languages(form, problems),
        namespaces=tuple(_namespace_rule(item, problems) for item in form.items("namespaces")),
        jobs=tuple(_job_rule(item, problems) for item in form.items("jobs")),
        lineage=read_sources(root, form, problems),
        checks_server=checks.text("server") if checks else None,
        engine=cast("Engine", form.choice("engine", ENGINES, "auto")),
        opa=_opa(root, form, problems),
        disabled_rules=tuple(value for value, _ in rules.texts("off")) if rules else (),
        dictionary=dictionary,
        labels=read_labels(form, dictionary, problems),
        ignore=tuple(Glob(value, at) for value, at in form.texts("ignore")),
        require_signatures=agreements is not None
        and agreements.yes_no("require_signatures", default=False),
        exchange=_exchange(form, problems),
        position=form.at("id"),
        zone=_zone(form, problems),
        packs=tuple(value for value, _ in form.texts("packs")),
    )


def _agreements(root: Path, form: Form, problems: Problems) -> Form | None:
    """Return what is said of all agreements; one text is the folder that they lie in."""
    node = form.node.get("agreements")
    said = None if node is None or isinstance(node, Scalar) else form
    inner_ = said.form("agreements", "folder", "require_signatures") if said else None
    _check_folder(root, inner_ or form, "folder" if inner_ else "agreements", problems)
    return inner_


def _exchange(form: Form, problems: Problems) -> Exchange | None:
    exchange = form.form("exchange", *_inner("exchange"), required=False)
    if exchange is None:
        return None
    return Exchange(
        hubs=tuple(_hub(item, problems) for item in exchange.items("hubs", required=True)),
        flows=tuple(_hub_flow(item, problems) for item in exchange.items("flows")),
    )


def _hub(item: Node, problems: Problems) -> HubRule:
    form = Form(item, problems, "hubs", "namespace", "name")
    return HubRule(Glob(form.text("namespace")), Glob(form.text("name", "*")))


def _hub_flow(item: Node, problems: Problems) -> HubFlow:
    form = Form(item, problems, "flows", "provider", "consumer")
    if not form.node.entries:
        problems.add("empty", form.position, key="flows")
    return HubFlow(Glob(form.text("provider", "*")), Glob(form.text("consumer", "*")))


def _zone(form: Form, problems: Problems) -> str:
    value = form.optional("zone")
    if value is None:
        return "UTC"
    from headwater.catalog.zones import zone_of

    return zone_of(value, problems, form.at("zone"))


def _opa(root: Path, form: Form, problems: Problems) -> OpaServer | None:
    opa = form.form("opa", *_inner("opa"), required=False)
    if opa is None:
        return None
    if opa.has("cert") != opa.has("key"):
        problems.add("opa-cert-and-key", opa.at("cert" if opa.has("cert") else "key"))
    files = {
        name: root / value
        for name in ("ca", "cert", "key", "token_file")
        if (value := opa.optional(name))
    }
    return OpaServer(opa.text("url"), **files)


def _inner(key: str) -> tuple[str, ...]:
    return keys(inner(WORKSPACE, key))


def _languages(form: Form, problems: Problems) -> tuple[str, ...]:
    found = form.texts("languages")
    for value, at in found:
        if value not in LANGUAGES:
            problems.add("not-one-of", at, key="languages", value=value, known=LANGUAGES)
    return tuple(value for value, _ in found) or LANGUAGES


def _check_folders(root: Path, form: Form, problems: Problems) -> None:
    for key in _FOLDERS:
        _check_folder(root, form, key, problems)


def _check_folder(root: Path, form: Form, key: str, problems: Problems) -> None:
    value = form.optional(key)
    if value and not (root / value).is_dir():
        problems.add("file-missing", form.at(key), path=value)


def _namespace_rule(item: Node, problems: Problems) -> NamespaceRule:
    form = Form(item, problems, "namespaces", *_inner("namespaces"))
    return NamespaceRule(
        namespace=Glob(form.text("namespace")),
        name=Glob(form.text("name", "*")),
        department=form.text("department"),
        position=form.at("department"),
    )


def _job_rule(item: Node, problems: Problems) -> JobRule:
    form = Form(item, problems, "jobs", *_inner("jobs"))
    return JobRule(
        namespace=Glob(form.text("namespace", "*")),
        name=Glob(form.text("name", "*")),
        purpose=form.text("purpose"),
        position=form.at("purpose"),
    )
