"""Loads a workspace: every file, every problem in one run, nothing half-read."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from headwater.catalog.agreements import read_agreement
from headwater.catalog.elements import BUILT_IN, Dictionary, read_elements
from headwater.catalog.errors import DocumentError, InputError
from headwater.catalog.files import MARKER, workspace_files
from headwater.catalog.forms import Form, Problems, wrong_type
from headwater.catalog.holds import read_holds
from headwater.catalog.model import Labelling, Workspace
from headwater.catalog.nodes import Mapping
from headwater.catalog.organisation import read_departments, read_purposes
from headwater.catalog.problems import closest
from headwater.catalog.references import check_references
from headwater.catalog.rego_source import read_rego
from headwater.catalog.settings import Settings, read_settings
from headwater.catalog.signature_files import with_signatures
from headwater.catalog.stop_points import read_stop_points
from headwater.catalog.text import Text
from headwater.catalog.waivers import read_waivers
from headwater.catalog.yaml_source import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.elements import Element
    from headwater.catalog.globs import Glob
    from headwater.catalog.holds import Hold
    from headwater.catalog.model import Agreement, Contract, Department, Purpose
    from headwater.catalog.stop_points import StopPoint
    from headwater.catalog.waivers import Waiver

_Named = TypeVar(
    "_Named",
    "Department", "Purpose", "Contract", "Agreement", "Waiver", "Element", "StopPoint", "Hold",
)  # fmt: skip

POLICY_KINDS = ("access-policy", "retention-policy", "vocabulary", "exception")
KINDS = (
    *("workspace", "departments", "purposes", "DataContract", "agreement", *POLICY_KINDS),
    *("policy-test", "waivers", "lineage", "elements", "stop-points", "holds"),
)


def load_workspace(root: Path, problems: Problems) -> Workspace | None:
    """Return everything that the files below ``root`` say; what is wrong goes to ``problems``.

    After problems the workspace is only a stand-in, good for finding more of them; where too
    little could be read even for that, it is ``None``.

    Raises:
        InputError: ``root`` holds no ``headwater.yaml``.
    """
    if not (root / MARKER).is_file():
        raise InputError.of("no-workspace", path=root.name or str(root))
    loader = _Loader(root, problems)
    loader.read()
    if not loader.sound or loader.settings is None:
        return None
    workspace = loader.workspace(loader.settings)
    check_references(workspace, problems, contracts_read=loader.contracts_read)
    return workspace


class _Loader:
    def __init__(self, root: Path, problems: Problems) -> None:
        self.root = root
        self.problems = problems
        self.settings: Settings | None = None
        self.sound = True
        """Whether what others refer to was read: the settings, departments and purposes."""
        self.contracts_read = True
        self.documents: dict[str, list[Mapping]] = {kind: [] for kind in KINDS}
        self.rego: list[tuple[str, str]] = []
        self.departments: dict[str, Department] = {}
        self.purposes: dict[str, Purpose] = {}
        self.contracts: dict[str, Contract] = {}
        self.agreements: dict[str, Agreement] = {}
        self.waivers: dict[str, Waiver] = {}
        self.elements: dict[str, Element] = {}
        self.stop_points: dict[str, StopPoint] = {}
        self.holds: dict[str, Hold] = {}

    def read(self) -> None:
        """Read all files, first the settings, which say what to ignore."""
        marker = self._parsed(MARKER)
        self.settings = read_settings(self.root, marker, self.problems) if marker else None
        ignore = self.settings.ignore if self.settings else ()
        for file in workspace_files(self.root, (".yaml", ".yml"), ignore):
            if file != MARKER and (document := self._parsed(file)) is not None:
                self.documents[document.text("kind") or ""].append(document)
        self._read_rego(ignore)
        self._read_organisation()
        self.sound = not self.problems
        self._read_contracts()
        self._read_agreements()
        for node in self.documents["waivers"]:
            self._keep(self.waivers, read_waivers(node, self.problems), Text("waiver", "豁免"))
        for node in self.documents["holds"]:
            self._keep(self.holds, read_holds(node, self.problems), Text("hold", "冻结令"))

    def _parsed(self, file: str) -> Mapping | None:
        try:
            node = read_yaml(self.root / file, file)
        except DocumentError as error:
            self.problems.extend(error.problems)
            return None
        if not isinstance(node, Mapping):
            Form(node, self.problems, file)
            return None
        return node if self._kind_is_known(node, file) else None

    def _kind_is_known(self, node: Mapping, file: str) -> bool:
        kind = node.text("kind")
        if kind is None:
            self._report_no_kind(node)
        elif kind not in KINDS:
            near = closest(kind, KINDS)
            self.problems.add(
                "unknown-kind", node.at("kind"), kind=kind, known=KINDS, suggestion=near
            )
        elif (kind == "workspace") != (file == MARKER):
            self.problems.add("second-document", node.at("kind"), kind="workspace", first=MARKER)
        else:
            return True
        return False

    def _report_no_kind(self, node: Mapping) -> None:
        if written := node.get("kind"):
            wrong_type(self.problems, "kind", "text", written)
            return
        near = next((e for e in node if closest(e.key, ["kind"], 0.75)), None)
        if near and near.key != "kind":
            self.problems.add(
                "unknown-key", near.position, key=near.key, suggestion="kind", known="kind"
            )
        else:
            self.problems.add("no-kind", node.position, known=KINDS)

    def _read_rego(self, ignore: tuple[Glob, ...]) -> None:
        for file in workspace_files(self.root, (".rego",), ignore):
            try:
                self.rego.append((file, read_rego(self.root / file, file)))
            except DocumentError as error:
                self.problems.extend(error.problems)

    def _read_organisation(self) -> None:
        for node in self.documents["departments"]:
            found = read_departments(node, self.problems)
            self._keep(self.departments, found, Text("department", "部门"))
        for node in self.documents["purposes"]:
            self._keep(self.purposes, read_purposes(node, self.problems), Text("purpose", "用途"))
        for node in self.documents["elements"]:
            elements = read_elements(node, self._dictionary(), self.problems)
            self._keep(self.elements, elements, Text("element", "数据元"))
        for node in self.documents["stop-points"]:
            points = read_stop_points(node, self._dictionary(), self.problems)
            self._keep(self.stop_points, points, Text("stop-point", "止步点"))

    def _read_contracts(self) -> None:
        if not self.documents["DataContract"]:
            return
        from headwater.catalog.odcs import read_contract

        for node in self.documents["DataContract"]:
            contract = read_contract(node, self._dictionary(), self.problems)
            self.contracts_read &= contract is not None
            self._keep(self.contracts, (contract,) if contract else (), Text("contract", "合同"))

    def _read_agreements(self) -> None:
        for node in self.documents["agreement"]:
            agreement = with_signatures(self.root, read_agreement(node, self.problems))
            self._keep(self.agreements, (agreement,), Text("agreement", "协议"))

    def _dictionary(self) -> Dictionary:
        known = self.settings.dictionary if self.settings else BUILT_IN
        return Dictionary(known.categories, known.under, self.elements)

    def _keep(self, known: dict[str, _Named], found: tuple[_Named, ...], what: Text) -> None:
        for thing in found:
            first = known.setdefault(thing.id, thing)
            if first is not thing:
                self.problems.add(
                    "duplicate-id",
                    thing.position,
                    what=what,
                    id=thing.id,
                    first=str(first.position),
                )

    def workspace(self, settings: Settings) -> Workspace:
        """Return the model."""
        return Workspace(
            root=self.root,
            id=settings.id,
            title=settings.title or Text(settings.id, settings.id),
            languages=settings.languages,
            engine=settings.engine,
            opa=settings.opa,
            checks_server=settings.checks_server,
            lineage=settings.lineage,
            edge_lists=tuple(node.position.file for node in self.documents["lineage"]),
            categories=settings.dictionary.categories,
            departments=self.departments,
            purposes=self.purposes,
            contracts=self.contracts,
            agreements=tuple(self.agreements[name] for name in sorted(self.agreements)),
            namespaces=settings.namespaces,
            jobs=settings.jobs,
            disabled_rules=settings.disabled_rules,
            policy_documents=tuple(
                document for kind in POLICY_KINDS for document in self.documents[kind]
            ),
            test_documents=tuple(self.documents["policy-test"]),
            rego_modules=tuple(self.rego),
            position=settings.position,
            require_signatures=settings.require_signatures,
            exchange=settings.exchange,
            waivers=tuple(self.waivers[name] for name in sorted(self.waivers)),
            labelling=Labelling(
                self._dictionary(), settings.labels, tuple(self.stop_points.values())
            ),
            holds=tuple(self.holds[name] for name in sorted(self.holds)),
            zone=settings.zone,
            packs=settings.packs,
        )
