"""Container, compose file and Kubernetes objects: valid, and in step with each other and with the application."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

yaml = pytest.importorskip("yaml")
KUBERNETES = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
VERSION = "1.34"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def objects() -> dict[str, Any]:
    """Kind -> object, of everything that is applied."""
    files = [file for file in KUBERNETES if file.name != "kustomization.yaml"]
    found = [one for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf-8"))]
    assert len({one["kind"] for one in found}) == len(found)
    return {one["kind"]: one for one in found}


@pytest.mark.parametrize("kind", objects())
def test_kubernetes_accepts_it(kind: str) -> None:
    validate = pytest.importorskip("kubernetes_validate")
    validate.validate(objects()[kind], VERSION, strict=True)


def test_the_schema_is_looked_at() -> None:
    """What the test above is worth: an unknown field and a wrong type are found."""
    validate = pytest.importorskip("kubernetes_validate")
    wrong = objects()["Deployment"]
    wrong["spec"]["replikas"] = 2
    with pytest.raises(validate.ValidationError):
        validate.validate(wrong, VERSION, strict=True)


def test_kustomization_names_every_file() -> None:
    file = ROOT / "deploy" / "kubernetes" / "kustomization.yaml"
    named = yaml.safe_load(file.read_text(encoding="utf-8"))["resources"]
    assert sorted(named) == [file.name for file in KUBERNETES if file.name != "kustomization.yaml"]


def test_kubernetes_objects_refer_to_each_other() -> None:
    found = objects()
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for kind in ("Service", "PodDisruptionBudget", "NetworkPolicy"):
        spec = found[kind]["spec"]
        selector = spec["podSelector"] if kind == "NetworkPolicy" else spec["selector"]
        assert selector.get("matchLabels", selector) == labels
    assert found["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == found["Deployment"]["metadata"]["name"]
    backend = found["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": found["Service"]["metadata"]["name"], "port": {"name": "http"}}
    assert found["Service"]["spec"]["ports"][0]["targetPort"] == "http"


def test_container_is_closed_and_probed() -> None:
    pod = objects()["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"USER {pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}\n" in DOCKERFILE
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    (port,) = container["ports"]
    assert f"EXPOSE {port['containerPort']}\n" in DOCKERFILE
    assert f'"--server.port={port["containerPort"]}"' in DOCKERFILE
    # A replica that is busy or still loads PyTorch must not be killed: only readiness asks for the networks.
    assert container["livenessProbe"]["httpGet"]["path"] == "/_stcore/health"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert objects()["NetworkPolicy"]["spec"]["egress"] == []


def test_compose_runs_what_nginx_expects() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    nginx = services.pop("nginx")
    servers = re.findall(r"server (segscope-\d+):8501;", (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8"))
    assert sorted(services) == sorted(servers) == sorted(nginx["depends_on"])
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "ports" not in service, "a replica that is reached past the balancer believes any X-Forwarded-For"
    assert nginx["volumes"] == ["./deploy/nginx.conf:/etc/nginx/nginx.conf:ro"]


def test_image_gets_the_application_and_nothing_else() -> None:
    """``.dockerignore`` shuts everything out and lets in by name; all that is named is there."""
    lines = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] not in "#"]
    assert lines[0] == "*"
    inside = [line[1:] for line in lines if line.startswith("!")]
    assert {"app.py", "core", "pages/*.py", "requirements.txt", ".streamlit/config.toml"} <= set(inside)
    assert not any(name.startswith(("tests", "docs", ".git")) for name in inside)
    assert all(list(ROOT.glob(name)) for name in inside)
    assert list((ROOT / "core" / "weights").glob("*.safetensors"))
    assert not any(line.startswith(("core", "pages")) for line in lines), "something that runs is shut out again"


def test_image_takes_pytorch_from_one_public_index() -> None:
    assert DOCKERFILE.count("ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu\n") == 1
    assert len(re.findall(r"https?://(?!127\.0\.0\.1)", DOCKERFILE)) == 1
    pattern = re.search(r"grep -Eo '([^']+)'", DOCKERFILE)
    assert pattern is not None
    pins = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
            if re.match(pattern[1], line)]  # fmt: skip
    assert [pin.partition("==")[0] for pin in pins] == ["torch", "torchvision"]


def _locked() -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each package in the lock."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.findall(r"^([a-z0-9-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE)
    assert len(entries) == text.count("==") - text.splitlines()[0].count("==")
    return {name: (version, re.findall(r"sha256:(\w+)", hashes)) for name, version, hashes in entries}


def test_image_takes_nothing_but_what_is_locked_by_hash() -> None:
    """Every package that is needed in this environment, at its version, with hashes; the image installs no other."""
    lock = _deploy_lock()
    assert {name: version for name, (version, _hashes) in _locked().items()} == lock.needed(lock.pins())
    installs = re.findall(r"pip --python \S+ install (.*)", DOCKERFILE)
    assert [line.split()[0] for line in installs] == ["--no-deps", "--no-deps"]
    assert [("--require-hashes -r requirements.lock" in line) for line in installs] == [False, True]
    assert f"ARG PYTHON={lock.PYTHON[0]}.{lock.PYTHON[1:]}-" in DOCKERFILE, "the lock is for another Python"
    assert "!requirements.lock" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_a_lock_has_the_hashes_of_its_files(tmp_path: Path) -> None:
    lock = _deploy_lock()
    files = [tmp_path / name for name in ("a_b-1.0-cp312-x86_64.whl", "a_b-1.0-cp312-aarch64.whl", "c-2-py3.whl")]
    for file in files:
        file.write_bytes(file.name.encode())
    text = lock.lock({"a-b": "1.0", "c": "2"}, files)
    assert text.startswith(lock.HEAD)
    assert text.count("--hash=sha256:") == 3
    assert all(hashlib.sha256(file.name.encode()).hexdigest() in text for file in files)
    with pytest.raises(ValueError, match="no file for d"):
        lock.lock({"a-b": "1.0", "c": "2", "d": "3"}, files)


def _deploy_lock() -> Any:
    spec = importlib.util.spec_from_file_location("lock", ROOT / "deploy" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CLOUD = ROOT / "deploy" / "community-cloud"


def test_community_cloud_runs_the_same_application_with_less_memory() -> None:
    """Streamlit finds the application in the file, by name; the settings are read after they were set."""
    from streamlit.web.server.app_discovery import discover_asgi_app

    found = discover_asgi_app(CLOUD / "streamlit_app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "streamlit_app:app")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import streamlit_app; from core.settings import SETTINGS as s;"
        "print(s.memory, s.networks, s.cache_mb, s.max_sessions)"
    )
    for given, told in (({}, "small 3 64 30"), ({"SEGSCOPE_MAX_SESSIONS": "12"}, "small 3 64 12")):
        run = subprocess.run(
            [sys.executable, "-c", code, str(CLOUD)],
            env={**os.environ, **given},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == told


def test_memory_is_measured_with_community_clouds_settings() -> None:
    from core.bench.memory import SMALL

    entry = (CLOUD / "streamlit_app.py").read_text(encoding="utf-8")
    assert SMALL.items() <= dict(re.findall(r'"(SEGSCOPE_\w+)": "(\w+)"', entry)).items()


def test_community_cloud_has_the_same_versions() -> None:
    lines = (CLOUD / "requirements.txt").read_text(encoding="utf-8").splitlines()
    own = dict(re.findall(r"^(torch\w*)==([\d.]+)\+cpu$", "\n".join(lines), re.MULTILINE))
    root = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert own == dict(re.findall(r"^(torch\w*)==([\d.]+)", root, re.MULTILINE))
    assert "-r ../../requirements.txt" in lines
    assert not [line for line in lines if line.startswith(("--index", "--extra-index"))]


def test_uv_takes_nothing_but_pytorch_from_pytorchs_index() -> None:
    uv = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]
    (index,) = uv["index"]
    assert index["explicit"] is True
    source = {"index": index["name"], "marker": "sys_platform == 'linux'"}
    assert uv["sources"] == {"torch": source, "torchvision": source}
    assert index["url"] in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert index["url"] in DOCKERFILE
