"""Processes that are measured: started in folders that go again, watched, and stopped whatever happens."""

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
CONFIG = HERE / "config"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# How long a contender that was just measured may take to become idle, in seconds.
IDLE_WITHIN_S = 60


class Fault(Exception):
    """Something that keeps a part from being measured."""


class Stage:
    """A folder and processes. Left in whatever way, the processes are stopped and the folder is removed."""

    def __init__(self, parent):
        self.folder = Path(tempfile.mkdtemp(prefix="side-by-side-", dir=parent))
        # A database that does not run as root has a folder of its own in here.
        self.folder.chmod(0o711)
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name, command, **options):
        process = Process(self.folder, name, command, **options)
        self.processes.append(process)
        return process

    def stop(self, process):
        self.processes.remove(process)
        process.stop()


class Process:
    """A process in a session of its own, so that Ctrl-C reaches only this program, which stops it in order."""

    def __init__(self, folder, name, command, stop_signal=signal.SIGTERM, **options):
        self.name, self.stop_signal = name, stop_signal
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.popen = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True, **options)
        self.pid = self.popen.pid

    def url(self, within_s=60):
        """Where it listens, as soon as it says so."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = re.search(r"^listening on (\S+)$", self.out.read_text(), re.MULTILINE)
            if found:
                return found.group(1)
            self.must_run()
            time.sleep(0.002)
        raise Fault(f"{self.name} did not listen within {within_s} s")

    def must_run(self):
        if self.popen.poll() is not None:
            raise Fault(f"{self.name} ended: {self.err.read_text()[-2000:]}")

    def stop(self, within_s=60):
        if self.popen.poll() is None:
            self.popen.send_signal(self.stop_signal)
        try:
            self.popen.wait(within_s)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def processor_s(self):
        """Processor time so far, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def resident_bytes(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE).group(1)) * 1024

    def until_idle(self):
        """Waits until it does nothing any more, and says how much processor time it had put off, in seconds."""
        begin = before = self.processor_s()
        deadline = time.monotonic() + IDLE_WITHIN_S
        while time.monotonic() < deadline:
            time.sleep(0.2)
            now = self.processor_s()
            if now - before <= 1 / TICKS_PER_SECOND:
                break
            before = now
        return self.processor_s() - begin


def hallpass(stage, name, data, config=CONFIG):
    environment = os.environ | {"HALLPASS_LOG": "warn"}
    command = [RELEASE / "hallpass", "serve", "--config", config, "--data", data, "--listen", "127.0.0.1:0"]
    return stage.start(name, command, env=environment)


def output(command, timeout_s, **options):
    """What a command prints; it must succeed, within the time."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Fault(str(error)) from error
    if done.returncode != 0:
        raise Fault(f"{' '.join(words)[:200]}: exit code {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def build():
    examples = [word for name in ("echo", "sessions", "fill", "read_bytes") for word in ("--example", name)]
    subprocess.run(["cargo", "build", "--release", "--quiet", "--bins", *examples], cwd=ROOT, check=True)


def postgres_program(name):
    """A program of the newest PostgreSQL that is installed, or None: Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return found[-1] if found else None


def install(parts):
    """Installs the Debian packages that are missing for these parts."""
    wanted = []
    if {"http", "pages", "scale", "instances"} & set(parts) and not shutil.which("wrk"):
        wanted.append("wrk")
    if {"databases", "instances"} & set(parts):
        if not (postgres_program("postgres") and postgres_program("pgbench")):
            wanted.append("postgresql")
    if "databases" in parts:
        if not shutil.which("redis-server"):
            wanted.append("redis-server")
        if not shutil.which("redis-benchmark"):
            wanted.append("redis-tools")
    if not wanted:
        return
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*as_root, "apt-get", "update", "-qq"], check=True)
    subprocess.run([*as_root, "apt-get", "install", "-y", "-qq", *wanted], check=True)


def allow_many_files():
    """A thousand connections need more files than a shell usually allows; what is started inherits the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def file_system(folder):
    return output(["df", "--output=fstype", folder], timeout_s=10).split()[-1]


def must_be_on_a_disk(folder):
    if file_system(folder) in ("tmpfs", "ramfs"):
        raise Fault(f"{folder} is in memory, where a flush costs nothing; give --folder on a disk")
