"""An import contract that import-linter does not bring: who may call a slice's actions."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output


def slice_of(module: str) -> str | None:
    """`core.<area>.<slice>` of a module in a slice, else None. The kernel is no area."""
    parts = module.split(".")
    inside = len(parts) > 3 and parts[0] == "core" and parts[1] != "kernel"
    return ".".join(parts[:3]) if inside else None


class SlicesContract(Contract):
    """No module of a slice imports the actions of another slice: an effect elsewhere follows from the event."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, imported)
            for imported in sorted(graph.modules)
            if (owner := slice_of(imported)) and imported.split(".")[3] == "actions"
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if slice_of(importer) not in {owner, None}
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} imports {imported}: subscribe to its event, or keep the step in one slice.")
