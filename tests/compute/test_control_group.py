"""What a control group leaves to a process, read below folders that are made for it."""

from pathlib import Path

import pytest

from render.compute.control_group import read_core_quota, read_free_bytes

MOUNT = "sys/fs/cgroup"


def make_root(root: Path, membership: str, files: dict[str, str]) -> Path:
    """A file system whose process is in the groups of `membership`. files: by their paths below the mount."""
    below = {f"{MOUNT}/{name}": content for name, content in files.items()}
    for name, content in {"proc/self/cgroup": membership, **below}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def in_group(root: Path, path: str = "/", **files: str) -> Path:
    """A process in one group of version 2; the files of the group, with _ for the dot of their names."""
    named = {f"{path.strip('/')}/{name.replace('_', '.', 1)}": content for name, content in files.items()}
    return make_root(root, f"0::{path}\n", named)


def stat(inactive_file: int) -> str:
    return f"anon 5\nfile 7\ninactive_file {inactive_file}\nactive_file 1\n"


# Cores.


@pytest.mark.parametrize(
    ("content", "cores"),
    [
        ("200000 100000\n", 2),
        ("150000 100000\n", 1.5),
        ("5000 100000\n", 0.05),
        ("max 100000\n", None),
        ("0 100000\n", None),
        ("-1 100000\n", None),
    ],
)
def test_cores_of_a_group_of_version_2(tmp_path, content, cores):
    assert read_core_quota(in_group(tmp_path, "/job", cpu_max=content)) == cores


@pytest.mark.parametrize(("quota", "cores"), [("250000\n", 2.5), ("-1\n", None), ("0\n", None)])
@pytest.mark.parametrize("mount", ["cpu", "cpu,cpuacct"])
def test_cores_of_a_group_of_version_1(tmp_path, mount, quota, cores):
    """Controllers may be mounted together or each by itself."""
    files = {"job/cpu.cfs_quota_us": quota, "job/cpu.cfs_period_us": "100000\n"}
    root = make_root(
        tmp_path,
        "7:memory:/elsewhere\n4:cpu,cpuacct:/job\n1:name=systemd:/job\n",
        {f"{mount}/{name}": content for name, content in files.items()},
    )
    assert read_core_quota(root) == cores


@pytest.mark.parametrize(
    ("outer", "inner", "cores"), [("2", "3", 2), ("4", "3", 3), ("max", "3", 3), ("2", "max", 2)]
)
def test_the_least_of_nested_groups_counts(tmp_path, outer, inner, cores):
    def quota(count: str) -> str:
        return f"{count}00000 100000\n" if count != "max" else "max 100000\n"

    files = {"slice/cpu.max": quota(outer), "slice/job/step/cpu.max": quota(inner)}
    assert read_core_quota(make_root(tmp_path, "0::/slice/job/step\n", files)) == cores


def test_a_group_beside_ours_does_not_count(tmp_path):
    files = {
        "ours/cpu.max": "300000 100000",
        "other/cpu.max": "100000 100000",
        "ours/below/cpu.max": "1 100000",
    }
    assert read_core_quota(make_root(tmp_path, "0::/ours\n", files)) == 3


def test_in_a_container_the_group_lies_at_the_mount_itself(tmp_path):
    """The process is told its path on the host, which is not there."""
    root = make_root(tmp_path, "0::/docker/4f1b\n", {"cpu.max": "100000 100000\n"})
    assert read_core_quota(root) == 1


def test_a_path_that_leads_out_of_the_mount_ends_there(tmp_path):
    """As the kernel spells a group outside of the process's own namespace."""
    root = make_root(tmp_path, "0::/../job\n", {"cpu.max": "200000 100000\n"})
    assert read_core_quota(root) == 2


# Memory.


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({"memory_max": "1000\n", "memory_current": "300\n"}, 700),
        ({"memory_max": "max\n", "memory_current": "300\n"}, None),
        # Pages of files that were read are dropped when memory is wanted.
        ({"memory_max": "1000\n", "memory_current": "900\n", "memory_stat": stat(250)}, 350),
        ({"memory_max": "1000\n", "memory_current": "1100\n"}, 0),
        ({"memory_max": "1000\n", "memory_current": "300\n", "memory_stat": "inactive_file many\n"}, 700),
        ({"memory_max": "1000\n", "memory_current": "300\n", "memory_stat": "no table here\n"}, 700),
        ({"memory_max": "1000\n", "memory_current": "300\n", "memory_stat": "anon 5\n"}, 700),
    ],
)
def test_memory_of_a_group_of_version_2(tmp_path, files, free):
    assert read_free_bytes(in_group(tmp_path, "/job", **files)) == free


def test_memory_of_a_group_of_version_1(tmp_path):
    files = {"memory.limit_in_bytes": "1000\n", "memory.usage_in_bytes": "400\n", "memory.stat": stat(100)}
    root = make_root(
        tmp_path,
        "9:memory:/job\n4:cpu,cpuacct:/elsewhere\n0::/\n",
        {f"memory/job/{name}": content for name, content in files.items()},
    )
    assert read_free_bytes(root) == 700


def test_a_group_of_version_1_without_a_limit_has_room_for_everything(tmp_path):
    """The kernel writes the largest number of pages there is."""
    files = {"memory/memory.limit_in_bytes": f"{2**63 - 4096}\n", "memory/memory.usage_in_bytes": "400\n"}
    assert read_free_bytes(make_root(tmp_path, "9:memory:/\n", files)) > 2**60


def test_the_fullest_of_nested_groups_counts(tmp_path):
    files = {
        "slice/memory.max": "2000",
        "slice/memory.current": "1900",
        "slice/job/memory.max": "1000",
        "slice/job/memory.current": "200",
    }
    assert read_free_bytes(make_root(tmp_path, "0::/slice/job\n", files)) == 100


# Nothing, or nothing of sense.


@pytest.mark.parametrize(
    "membership", ["", "0::/\n", "nonsense\n", "0\n", ":::::\n", "4:pids:/job\n", "0::/gone\n"]
)
def test_without_limits_there_are_none(tmp_path, membership):
    root = make_root(tmp_path, membership, {})
    assert (read_core_quota(root), read_free_bytes(root)) == (None, None)


def test_where_there_are_no_groups_there_are_no_limits(tmp_path):
    """Not Linux."""
    assert (read_core_quota(tmp_path), read_free_bytes(tmp_path)) == (None, None)


@pytest.mark.parametrize(
    "content", ["", "\n", "many\n", "100000\n", "1 2 3\n", "100000 0\n", "max\n", "5 x\n"]
)
def test_a_quota_of_no_sense_is_none(tmp_path, content):
    """And hides no limit of the groups around it."""
    root = in_group(tmp_path, "/slice/job", cpu_max=content)
    assert read_core_quota(root) is None
    (root / MOUNT / "slice" / "cpu.max").write_text("300000 100000\n")
    assert read_core_quota(root) == 3


@pytest.mark.parametrize(
    "files",
    [
        {"memory_max": "plenty\n", "memory_current": "300\n"},
        {"memory_max": "", "memory_current": "300\n"},
        {"memory_max": "1000\n"},
        {"memory_max": "1000\n", "memory_current": "some\n"},
        {"memory_current": "300\n"},
    ],
)
def test_a_limit_of_no_sense_is_none(tmp_path, files):
    assert read_free_bytes(in_group(tmp_path, "/job", **files)) is None


def test_bytes_that_are_no_text_are_no_limit(tmp_path):
    root = in_group(tmp_path, "/job", cpu_max="", memory_max="", memory_current="5")
    for name in ("cpu.max", "memory.max"):
        (root / MOUNT / "job" / name).write_bytes(b"\xff\xfe\x00")
    assert (read_core_quota(root), read_free_bytes(root)) == (None, None)
