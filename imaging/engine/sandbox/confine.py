"""Confinement of a sandbox child: resource limits, user id, network, system calls (Linux).

The layers back each other up: a container may forbid namespaces, a developer may not be root, a kernel may
lack seccomp. Resource limits always work. The child cannot undo any of them.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWNET, CLONE_THREAD = 0x00020000, 0x08000000, 0x40000000, 0x00010000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
FIRST_UID = 1_900_000_000
NOBODY = 65_534
THREADS = 64
"""Limit on threads: HEVC and AV1 decoders start a few; it stops a fork bomb."""

# Numbers of the system calls that decoding needs, per machine (asm/unistd.h). All others fail with EPERM.
_X86_64 = (
    "read 0 write 1 close 3 fstat 5 poll 7 lseek 8 mmap 9 mprotect 10 munmap 11 brk 12 rt_sigaction 13 "
    "rt_sigprocmask 14 rt_sigreturn 15 readv 19 writev 20 sched_yield 24 mremap 25 madvise 28 nanosleep 35 "
    "getpid 39 exit 60 uname 63 getrusage 98 sysinfo 99 times 100 sigaltstack 131 gettid 186 futex 202 "
    "sched_getaffinity 204 restart_syscall 219 clock_gettime 228 clock_getres 229 clock_nanosleep 230 "
    "exit_group 231 set_robust_list 273 ppoll 271 getrandom 318 membarrier 324 rseq 334 getcpu 309"
)
_AARCH64 = (
    "close 57 lseek 62 read 63 write 64 readv 65 writev 66 ppoll 73 fstat 80 exit 93 exit_group 94 futex 98 "
    "set_robust_list 99 nanosleep 101 clock_gettime 113 clock_getres 114 clock_nanosleep 115 "
    "sched_getaffinity 123 sched_yield 124 restart_syscall 128 sigaltstack 132 rt_sigaction 134 "
    "rt_sigprocmask 135 rt_sigreturn 139 times 153 uname 160 getrusage 165 getcpu 168 getpid 172 gettid 178 "
    "sysinfo 179 brk 214 munmap 215 mremap 216 mmap 222 mprotect 226 madvise 233 getrandom 278 membarrier 283 rseq 293"
)
# machine -> (audit architecture, allowed calls, clone, clone3)
MACHINES = {
    "x86_64": (0xC000003E, _X86_64, 56, 435),
    "aarch64": (0xC00000B7, _AARCH64, 220, 435),
}
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
EPERM, ENOSYS = 1, 38

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def die_with_parent(parent_pid: int) -> None:  # pragma: no cover - runs in a confined child
    """Have the kernel kill this process when the thread that forked it ends; exit if it already has."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def leave_network() -> bool:  # pragma: no cover - would cut off the tests themselves
    """Move this process into namespaces of its own without network; False where that is not allowed."""
    return bool(_libc.unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWNS) == 0)


def set_limits(  # pragma: no cover - runs in a confined child
    *, cpu_seconds: int, wall_seconds: int, memory_bytes: int
) -> None:
    """Set resource limits and a wall-clock alarm whose default action ends the process."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)
    for what, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_NPROC, THREADS),
    ):
        _, hard = resource.getrlimit(what)
        amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        # one second more for the hard CPU limit, so that the signal says SIGXCPU and not SIGKILL
        resource.setrlimit(what, (amount, amount + 1 if what == resource.RLIMIT_CPU and hard < 0 else amount))


def drop_root() -> bool:  # pragma: no cover - runs in a confined child
    """Switch from root to a user id that no other process has; False when not root."""
    if os.geteuid() != 0:
        return False
    for uid in (FIRST_UID + os.getpid() % 1_000_000, NOBODY):
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        except OSError:
            continue
        return True
    raise PermissionError("cannot give up root")


def build_filter(machine: str) -> bytes:
    """Build the seccomp filter (classic BPF, 8 bytes an instruction) for "x86_64" or "aarch64".

    It allows new threads but no new processes. clone3 passes its flags in memory, where no filter can read
    them, so it fails with ENOSYS.
    """
    architecture, calls, clone, clone3 = MACHINES[machine]
    allowed = [int(word) for word in calls.split()[1::2]]
    code = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_EQUAL, 0, 1, clone3),
        (_RETURN, 0, 0, _ERRNO | ENOSYS),
        (_EQUAL, 0, 4, clone),
        (_LOAD, 0, 0, 16),
        (_ANY_BIT, 0, 1, CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | EPERM),
    ]
    for index, number in enumerate(allowed):
        code.append((_EQUAL, len(allowed) - index, 0, number))
    code += [(_RETURN, 0, 0, _ERRNO | EPERM), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def install_filter() -> bool:  # pragma: no cover - runs in a confined child
    """Install the system-call filter irrevocably; False where kernel or machine do not support it."""
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or platform.machine() not in MACHINES:
        return False
    code = build_filter(platform.machine())
    return bool(_libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(_Program(len(code) // 8, code)), 0, 0) == 0)


def confine(  # pragma: no cover - runs in a confined child
    *, cpu_seconds: int, wall_seconds: int, memory_bytes: int
) -> None:
    """Apply all layers, in an order in which each still has the rights it needs."""
    set_limits(cpu_seconds=cpu_seconds, wall_seconds=wall_seconds, memory_bytes=memory_bytes)
    drop_root()
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    install_filter()
