"""The sandbox: what a child may not do, and that no death in it is anyone else's."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from imaging.engine import Mask, Options, Refused, inspect, preview, render
from imaging.engine.limits import MAX_POINTS
from imaging.engine.sandbox import confine, wire
from imaging.engine.sandbox.client import ROOT, Sandbox, sandbox
from tests.imaging.engine.pictures import chart, encoded, noise

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox's layers are Linux's")
SMALL = encoded(chart(), "JPEG")


@functools.cache
def large() -> bytes:
    return encoded(noise(5200, 5000), "JPEG", quality=95)


def ask(box, data=SMALL, **options):
    head = {"operation": "preview", "options": options, "masks": [], "longest": 64}
    return box.ask(head, data, Options(**options))


@pytest.fixture
def box():
    own = Sandbox(width=2)
    yield own
    own.close()


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise TimeoutError


def _own_address_space():
    """Bytes that this process has mapped: unlike the sandbox's server, a test run that used a browser has a lot."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def confined(act):
    """Run act() in a forked, confined child; returns what it printed into its pipe."""
    inlet, outlet = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            confine.confine(cpu_seconds=5, wall_seconds=10, memory_bytes=(2 << 30) + _own_address_space())
            try:
                said = act()
            except OSError as error:
                said = type(error).__name__
            os.write(outlet, str(said).encode())
        finally:
            os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said


def _fork():
    return os.fork()


def _thread():
    done = []
    thread = threading.Thread(target=done.append, args=(1,))
    thread.start()
    thread.join()
    return len(done)


seccomp = pytest.mark.skipif(os.uname().machine not in confine.MACHINES, reason="no filter for this machine")
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")


@seccomp
@pytest.mark.parametrize(
    ("act", "said"),
    [
        pytest.param(lambda: 2 + 2, "4", id="may think"),
        pytest.param(lambda: len(bytearray(50 << 20)), str(50 << 20), id="may take memory"),
        pytest.param(_thread, "1", id="may start a thread"),
        pytest.param(socket.socket, "PermissionError", id="no socket"),
        pytest.param(lambda: os.open("/etc/passwd", os.O_RDONLY), "PermissionError", id="no file to read"),
        pytest.param(lambda: os.open("/tmp/x", os.O_CREAT | os.O_WRONLY), "PermissionError", id="no file to write"),
        pytest.param(lambda: list(Path("/").iterdir()), "PermissionError", id="no listing"),
        pytest.param(_fork, "PermissionError", id="no process"),
        pytest.param(lambda: os.execv("/bin/true", ["true"]), "PermissionError", id="no program"),  # noqa: S606
        pytest.param(lambda: os.kill(os.getppid(), 0), "PermissionError", id="no signal"),
        pytest.param(lambda: Path("/tmp/rete-none").mkdir(), "PermissionError", id="no folder"),
        pytest.param(lambda: os.memfd_create("x"), "PermissionError", id="no anonymous file"),
    ],
)
def test_a_confined_child(act, said):
    assert confined(act) == said


@root
def test_a_confined_child_is_someone_whom_nobody_knows():
    inlet, outlet = os.pipe()
    pid = os.fork()
    if pid == 0:
        confine.drop_root()
        os.write(outlet, f"{os.getuid()} {os.geteuid()} {os.getgid()} {os.getgroups()}".encode())
        os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as pipe:
        real, effective, group, groups = pipe.read().decode().split()
    os.waitpid(pid, 0)
    assert real == effective == group
    assert int(real) >= confine.NOBODY
    assert groups == "[]"


@root
def test_the_server_has_no_network_and_no_environment(box):
    ask(box)
    proc = Path(f"/proc/{box.server_pid}")
    assert (proc / "ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    names = {entry.split(b"=")[0] for entry in (proc / "environ").read_bytes().split(b"\0") if entry}
    assert names <= {b"PATH", b"LC_ALL", b"OMP_NUM_THREADS", b"OPENBLAS_NUM_THREADS", b"OPENCV_FOR_THREADS_NUM"}


def _open_in(pid):
    """Where the open descriptors of a process lead; one that is closed meanwhile is left out."""
    targets = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            targets.append(str(link.readlink()))
    return targets


def test_the_server_inherits_nothing_but_its_socket(box, tmp_path):
    with (tmp_path / "open").open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        ask(box)
        for _attempt in range(50):  # it closes the request's socket a moment after the answer has come
            targets = _open_in(box.server_pid)
            if sum(target.startswith("socket:") for target in targets) == 1:
                break
            time.sleep(0.1)
    assert str(tmp_path / "open") not in targets
    assert sum(target.startswith("socket:") for target in targets) == 1


def test_an_answer_comes_back(box):
    head, blobs = ask(box)
    assert head["renditions"][0]["name"] == "preview"
    assert blobs[0][:2] == b"\xff\xd8"


@pytest.mark.parametrize("limits", [{"cpu_seconds": 1, "wall_seconds": 30}, {"cpu_seconds": 20, "wall_seconds": 1}])
def test_time_is_bounded(box, limits):
    picture, began = large(), time.monotonic()
    with pytest.raises(Refused) as refused:
        box.ask({"operation": "deidentify", "options": limits}, picture, Options(**limits))
    assert refused.value.code == "too_complex"
    assert time.monotonic() - began < 25
    ask(box)


def test_memory_is_bounded(box):
    ask(box)
    size = next(line for line in Path(f"/proc/{box.server_pid}/status").read_text().splitlines() if "VmSize" in line)
    little = int(size.split()[1]) * 1024 + (60 << 20)
    with pytest.raises(Refused) as refused:
        ask(box, large(), memory_bytes=little)
    assert refused.value.code in ("too_complex", "broken", "decoder_died")
    ask(box)


def test_a_child_that_dies_is_a_refused_picture(box):
    ask(box)
    server = box.server_pid
    wait_for(lambda: not children_of(server))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, box, large())
        (child,) = wait_for(lambda: children_of(server))
        os.kill(child, signal.SIGSEGV)
        with pytest.raises(Refused) as refused:
            waiting.result(timeout=30)
    assert refused.value.code == "decoder_died"
    assert box.server_pid == server
    ask(box)


def test_a_dead_server_is_replaced_between_pictures(box):
    ask(box)
    first = box.server_pid
    os.kill(first, signal.SIGKILL)
    ask(box)
    assert box.server_pid != first


def test_a_server_that_dies_under_a_picture_is_replaced_and_the_picture_read(box):
    ask(box)
    server = box.server_pid
    wait_for(lambda: not children_of(server))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, box, large())
        wait_for(lambda: children_of(server))
        os.kill(server, signal.SIGKILL)
        head, _ = waiting.result(timeout=60)
    assert head["ok"]
    assert box.server_pid != server


def test_many_threads_share_one_server(box):
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        heads = [head for head, _ in pool.map(lambda _: ask(box), range(18))]
    assert all(head["ok"] for head in heads)


def test_a_fork_of_the_caller_starts_a_server_of_its_own():
    """As a prefork celery worker does: the copy must neither use nor stop its parent's server."""
    preview(SMALL, masks=[])
    mine = sandbox.server_pid
    inlet, outlet = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            preview(SMALL, masks=[])
            os.write(outlet, str(sandbox.server_pid).encode())
            sandbox.close()
        finally:
            os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as pipe:
        other = pipe.read().decode()
    os.waitpid(pid, 0)
    assert other.isdigit()
    assert int(other) != mine
    preview(SMALL, masks=[])
    assert sandbox.server_pid == mine


def test_the_server_leaves_when_its_owner_is_killed():
    program = (
        "import os, sys, signal; sys.path.insert(0, sys.argv[1])\n"
        "from imaging.engine.sandbox.client import sandbox\n"
        "from imaging.engine import preview\n"
        "preview(bytes.fromhex(sys.stdin.read()), masks=[])\n"
        "print(sandbox.server_pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT)], input=SMALL.hex(), capture_output=True, text=True, check=False
    )
    server = int(done.stdout)
    wait_for(lambda: not Path(f"/proc/{server}/cmdline").exists() or not Path(f"/proc/{server}/cmdline").read_bytes())


def test_importing_the_engine_loads_no_decoder():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import imaging.engine;"
        "print([m for m in ('cv2', 'onnxruntime', 'numpy', 'PIL', 'django') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(ROOT)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "mask",
    [
        Mask("box", float("nan"), 0, 5, 5),
        Mask("box", 0, 0, 1e9, 5),
        Mask("brush", 0, 0, 5, 5, points=((1.0, float("nan")),), thickness=2.0),
        Mask("brush", 0, 0, 5, 5, points=((1.0, 2.0),), thickness=float("inf")),
        Mask.stroke([(1.0, 2.0)] * (MAX_POINTS + 1), 2.0),
    ],
)
def test_numbers_that_are_none_are_refused_before_the_sandbox(mask):
    with pytest.raises(Refused) as refused:
        render(SMALL, masks=[mask])
    assert refused.value.code == "bad_mask"


def test_too_many_masks_are_refused():
    with pytest.raises(Refused) as refused:
        preview(SMALL, masks=[Mask("box", 0, 0, 5, 5)] * 501)
    assert refused.value.code == "bad_mask"


@pytest.mark.parametrize(("data", "code"), [(b"", "empty"), (bytes((40 << 20) + 1), "too_large_file")])
def test_sizes_are_checked_before_the_sandbox(data, code):
    with pytest.raises(Refused) as refused:
        inspect(data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"head": 1, "blobs": []}',
        b'{"head": {}, "blobs": [-1]}',
        b'{"head": {}, "blobs": [true]}',
        b'{"head": {}, "blobs": [99999999999]}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_none_is_malformed(raw):
    with pytest.raises(wire.Malformed):
        wire.parse_head(raw)


def test_after_a_fork_nothing_of_the_parent_is_kept(box):
    """What the hook does in a forked child, done here to a sandbox that can spare its server."""
    ask(box)
    server = box.server_pid
    box.after_fork()
    assert box.server_pid is None
    wait_for(lambda: not Path(f"/proc/{server}/cmdline").exists() or not Path(f"/proc/{server}/cmdline").read_bytes())
    ask(box)
    assert box.server_pid != server
    Sandbox().after_fork()
