"""PostgreSQL's settings for the private cluster, and how serving processes use memory, from the memory and cores at hand."""

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_M_TRIM_THRESHOLD: Final = -1  # numbers of mallopt(3)
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8


def available_memory_mb() -> int:
    """Memory that may be used now, by /proc/meminfo and the control group's limit; else 2048."""
    memory_mb = 2048
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            memory_mb = int(line.split()[1]) // 1024
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text(encoding="ascii").strip() if limit.exists() else "max"
    return min(memory_mb, int(text) // 1048576) if text.isdigit() else memory_mb


def block_bytes(memory_mb: int, cores: int) -> int:
    """Memory for what tiles are made of, in each serving process: all processes, one a core, take a quarter of what is there.
    A million parcels take about 600 MB, and 300 more once all their tiles were asked for."""
    return min(max(memory_mb // (4 * cores), 256), 2048) << 20


def settings(memory_mb: int, cores: int, shm_mb: int, *, durable: bool) -> dict[str, str]:
    """Lines of postgresql.conf. `durable=False`: a power cut destroys the data."""
    share = max(memory_mb, 512)
    lines = {
        "shared_buffers": f"{min(share // 8, 1024)}MB",
        "work_mem": f"{min(max(share // 64, 8), 128)}MB",
        "maintenance_work_mem": f"{min(max(share // 16, 64), 512)}MB",
        "effective_cache_size": f"{share // 2}MB",
        "max_connections": "200",
        "max_worker_processes": str(max(cores, 2) + 4),
        "max_parallel_workers": str(cores),
        "max_parallel_workers_per_gather": str(max(cores // 2, 1)),
        "max_parallel_maintenance_workers": str(max(cores // 2, 1)),
        "random_page_cost": "1.1",
        "jit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "autovacuum_vacuum_cost_limit": "2000",
        # A container's 64 MB /dev/shm breaks parallel queries; files in the data folder do not.
        "dynamic_shared_memory_type": "posix" if shm_mb >= 256 else "mmap",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "datestyle": "iso, ymd",
        "default_text_search_config": "pg_catalog.simple",
        "log_checkpoints": "off",
    }
    if not durable:
        lines |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        lines["max_connections"] = "600"  # tests run many servers at once
    return lines


def of_this_machine(*, durable: bool) -> dict[str, str]:
    """`settings` for the memory, cores and shared memory found now."""
    shm = os.statvfs("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - looked at, never written
    shm_mb = shm.f_blocks * shm.f_frsize // 1048576 if shm else 0
    return settings(available_memory_mb(), os.cpu_count() or 1, shm_mb, durable=durable)


def as_file(lines: Mapping[str, str]) -> str:
    """The text of a postgresql.conf; a quote inside a value is doubled."""
    return "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in lines.items())


def keep_pages() -> None:
    """Have this process keep memory that comes and goes in large parts, as tiles do: what is handed back to the system must be
    cleared and faulted in again, page by page (glibc; elsewhere nothing is done)."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        for option, value in (
            (_M_MMAP_THRESHOLD, 32 << 20),
            (_M_TRIM_THRESHOLD, 128 << 20),
            (_M_ARENA_MAX, 2),
        ):
            tune(option, value)
