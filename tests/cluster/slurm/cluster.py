"""A SLURM of two nodes on this machine, in a folder of its own and on the loopback only."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

ONE_BY_ONE = Path(__file__).with_name("one_by_one")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun")
# Nothing here takes as long unless it is stuck.
PATIENCE_S = 120
# Requeued jobs wait until the credentials of their first round have expired, two minutes by default.
CONFIG = """\
ClusterName=here
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ports[0]}
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmUser=root
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/%n
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdTimeout=10
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
ReturnToService=2
KillWait=30
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs={cpus} RealMemory=4000
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs={cpus} RealMemory=4000
PartitionName=gpu Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """The running cluster.

    environment: Of commands that speak to it.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *words: str) -> None:
        """Starts a daemon, in the foreground."""
        with (self.folder / "said.log").open("ab") as said:
            daemon = subprocess.Popen(words, env=self.environment, stdout=said, stderr=said)
        self._running[words[-1]] = daemon

    def start_node(self, name: str) -> None:
        """Starts one, also again, and waits until jobs may be sent to it."""
        self.start("slurmd", "-D", "-N", name)
        self.wait_for(lambda: self._is_idle(name), name)

    def end(self) -> None:
        """Ends all daemons, the first one last, and what a test that failed has left to run."""
        for daemon in reversed(self._running.values()):
            daemon.terminate()
            daemon.wait(PATIENCE_S)
        for node in ("n1", "n2"):
            self._kill_processes(node)

    def kill_node(self, name: str) -> None:
        """Ends all of its processes at once, as when the power goes."""
        daemon = self._running.pop(name)
        daemon.kill()
        daemon.wait(PATIENCE_S)
        self._kill_processes(name)

    def _kill_processes(self, node: str) -> None:
        for process in self._list_processes(node):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _list_processes(self, node: str) -> list[int]:
        """Those of its jobs, and what looks after each of them."""
        found = set()
        marks = {f"SLURMD_NODENAME={node}".encode(), f"SLURM_CONF={self.environment['SLURM_CONF']}".encode()}
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if marks <= set(path.read_bytes().split(b"\0")):
                    found.add(int(path.parent.name))
                    parent = int((path.parent / "stat").read_text().rpartition(")")[2].split()[1])
                    if Path(f"/proc/{parent}/comm").read_text().startswith("slurmstepd"):
                        found.add(parent)
        return sorted(found)

    def _is_idle(self, node: str) -> bool:
        done = subprocess.run(
            ["sinfo", "--noheader", "--states=idle", f"--nodes={node}"],
            env=self.environment,
            capture_output=True,
        )
        # The name of a node that is there stands behind that of its partition.
        return node.encode() in done.stdout.split()[-1:]

    def call(self, *words: object, cwd: Path | None = None) -> str:
        """What a command of SLURM's says, which must end well."""
        done = subprocess.run(
            [*map(str, words)],
            env=self.environment,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout.strip()

    def list_states(self, job: str) -> list[str]:
        """The states of all tasks of a job, as `COMPLETED 0:0`."""
        said = self.call("scontrol", "show", "job", "--oneliner", job)
        fields = [
            dict(part.split("=", 1) for part in line.split() if "=" in part) for line in said.splitlines()
        ]
        return sorted(f"{found['JobState']} {found['ExitCode']}" for found in fields)

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Until it holds."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f"{what} does not come: {self.call('squeue')}\n{self._read_logs()}"
            time.sleep(0.05)

    def wait_until_ended(self, job: str) -> list[str]:
        """Its states, when no task of a job is queued or runs any more."""
        self.wait_for(lambda: not self.call("squeue", "--noheader", "--job", job), f"the end of {job}")
        return self.list_states(job)

    def _read_logs(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in sorted(self.folder.glob("*.log")))


@contextmanager
def run_slurm(folder: Path) -> Iterator[Slurm]:
    """Starts it, and ends all of it with the context.

    folder: Empty.
    """
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    (folder / "state").mkdir()
    config = folder / "slurm.conf"
    config.write_text(CONFIG.format(folder=folder, ports=_find_ports(3), cpus=os.cpu_count() or 1))
    # smpl-render lies beside the interpreter.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "SLURM_CONF": str(config), "PATH": path, "PYTHONPATH": str(ONE_BY_ONE)}
    slurm = Slurm(folder, environment)
    munge = [
        f"--{name}={folder}/munge.{name.partition('-')[0]}" for name in ("socket", "key-file", "pid-file")
    ]
    munge += [f"--{name}-file={folder}/munge.{name}" for name in ("log", "seed")]
    with ExitStack() as stack:
        stack.callback(slurm.end)
        slurm.start("munged", "--foreground", "--force", *munge)
        slurm.wait_for((folder / "munge.socket").exists, "munged")
        slurm.start("slurmctld", "-D")
        for node in ("n1", "n2"):
            slurm.start_node(node)
        yield slurm


def _find_ports(count: int) -> list[int]:
    """Ports that nobody has, which may be taken by others before they are used."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def is_there() -> bool:
    """Whether this machine has the programs, and this user may start them."""
    return os.getuid() == 0 and all(map(shutil.which, PROGRAMS))
