"""Run a program on one implementation, and compare the runs of a program with each other."""

import sys
from dataclasses import dataclass
from pathlib import Path

import aioice.ice

from demo.processes import ProcessResult, free_port, run_pair
from demo.programs import Material, Program

__all__ = ["Run", "launcher", "run_program", "summaries_are_equal"]


@dataclass(frozen=True)
class Run:
    """One program on one implementation."""

    program: Program
    implementation: str
    first: ProcessResult
    second: ProcessResult
    seconds: float

    @property
    def passed(self) -> bool:
        """Both processes ended well and said what they had done."""
        return all(
            process.exit_code == 0 and process.summary is not None and process.summary[0] == role
            for process, role in (
                (self.first, self.program.first),
                (self.second, self.program.second),
            )
        )

    @property
    def summaries(self) -> dict[str, dict[str, str]]:
        """The fields of the summary lines, by process."""
        return dict(summary for p in (self.first, self.second) if (summary := p.summary))

    def moved(self) -> tuple[int, int]:
        """Messages and bytes moved, by the process that counts them."""
        fields = self.summaries[self.program.counted]
        return int(fields["messages"]), int(fields["bytes"])

    def describe(self) -> str:
        """Everything both processes printed."""
        return (
            f"{self.program.name} on {self.implementation}, {self.seconds:.1f} s\n"
            f"{self.first.describe()}{self.second.describe()}"
        )


def launcher(implementation: str) -> list[str]:
    """The command that runs a script on an implementation; the script and its arguments follow."""
    python = [sys.executable]
    if implementation == "aiortc" and not aioice.ice.get_host_addresses(True, True):
        return [*python, str(Path(__file__).with_name("aiortc_on_loopback.py"))]
    if implementation == "compat":
        return [*python, "-m", "purertc_compat"]
    return python


def run_program(
    program: Program,
    implementation: str,
    scripts: Path,
    material: Material,
    *,
    timeout: float = 60.0,
) -> Run:
    """Run both processes of a program whose scripts are below ``scripts``."""
    port = free_port()
    material.copy.unlink(missing_ok=True)
    first, second = (
        [*launcher(implementation), str(scripts / script), *arguments]
        for script, *arguments in program.commands(material, port)
    )
    results = run_pair(
        first,
        second,
        port=port,
        timeout=timeout,
        # The warnings of compat are for the owner of the program, not for this audience.
        environment={"PURERTC_COMPAT_WARNINGS": "off"},
    )
    return Run(program, implementation, *results)


def summaries_are_equal(runs: list[Run]) -> bool:
    """All runs passed, and every process gave the same summary in each of them."""
    return all(run.passed and run.summaries == runs[0].summaries for run in runs)
