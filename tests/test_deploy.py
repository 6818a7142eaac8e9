"""The files of `deploy/`, which no container engine runs here: what they name exists, and they fit together."""

import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from boussole.triage.knowledge import PROJECT
from tests import openapi
from tests.engines import DEPLOY, nginx

# What the project itself reads: everything else in an environment is somebody else's.
OURS = re.compile(r"BOUSSOLE_[A-Z_]+")
# What deploy/ itself has: in the template of nginx, and the password of compose.yml.
OWN = {"BOUSSOLE_LISTEN", "BOUSSOLE_FRONT", "BOUSSOLE_SERVERS", "BOUSSOLE_PAGES", "BOUSSOLE_DB_PASSWORD"}


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load(read("compose.yml"))


@pytest.fixture(scope="module")
def kubernetes() -> dict[str, Any]:
    return {part["kind"]: part for part in yaml.safe_load_all(read("kubernetes.yml"))}


def container(kubernetes: dict[str, Any]) -> Any:
    return kubernetes["Deployment"]["spec"]["template"]["spec"]["containers"][0]


def test_every_variable_is_one_that_something_reads() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "boussole").rglob("*.py"))
    endpoints = read("endpoints.redis.yml") + read("endpoints.postgresql.yml")
    for name in ("Containerfile", "compose.yml", "kubernetes.yml", "nginx/boussole.conf.template"):
        unknown = {variable for variable in OURS.findall(read(name)) if variable not in code + endpoints}
        assert unknown <= OWN, name


def test_every_variable_is_documented() -> None:
    documented = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    names = {name for path in DEPLOY.rglob("*") if path.is_file() for name in OURS.findall(path.read_text())}
    assert not {name for name in names - {"BOUSSOLE_DB_PASSWORD"} if name not in documented}


@pytest.mark.parametrize("name", ["compose.yml", "kubernetes.yml"])
def test_the_endpoints_file_that_is_named_is_there(name: str) -> None:
    [named] = set(re.findall(r"deploy/endpoints\.\w+\.yml", read(name)))
    assert (PROJECT / named).is_file()


# Compose


def test_every_service_that_is_waited_for_is_there(compose: Any) -> None:
    services = compose["services"]
    for service in services.values():
        for name in service.get("depends_on", ()):
            assert name in services
            # « service_healthy » of a service without a health check never comes.
            waited = service["depends_on"]
            assert not isinstance(waited, dict) or "healthcheck" in services[name]


def test_every_file_that_is_mounted_is_there(compose: Any) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in compose["volumes"], volume


def test_nginx_finds_its_pages_and_its_servers(compose: Any) -> None:
    front = compose["services"]["nginx"]
    pages = front["environment"]["BOUSSOLE_PAGES"]
    [source] = [volume.split(":")[0] for volume in front["volumes"] if volume.split(":")[1] == pages]
    named = set(re.findall(r"/(\w+\.json)\b", read("nginx/boussole.conf.template")))
    assert named
    assert named <= {path.name for path in (DEPLOY / source).iterdir()}
    for server in re.findall(r"server (\S+):5005", front["environment"]["BOUSSOLE_SERVERS"]):
        assert server in compose["services"]


def test_only_nginx_is_reachable_and_only_from_this_machine(compose: Any) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"nginx": ["127.0.0.1:8080:8080"]}


# Kubernetes


def test_the_image_is_this_version(kubernetes: dict[str, Any]) -> None:
    assert container(kubernetes)["image"] == f"boussole:{version('boussole')}"


def test_the_probes_ask_for_what_is_there(kubernetes: dict[str, Any]) -> None:
    port = container(kubernetes)["ports"][0]["containerPort"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container(kubernetes)[probe]["httpGet"]
        assert asked["port"] == port
        assert "get" in openapi.description()["paths"][asked["path"]]
    # A store that is away must not have the process killed: only the process itself may.
    assert container(kubernetes)["livenessProbe"]["httpGet"]["path"] == "/sante/vivant"


def test_the_parts_point_at_each_other(kubernetes: dict[str, Any]) -> None:
    labels = kubernetes["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert kubernetes["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert kubernetes["Service"]["spec"]["selector"] == labels
    assert kubernetes["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    target = kubernetes["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", kubernetes["Deployment"]["metadata"]["name"])
    [secret] = [source["secretRef"]["name"] for source in container(kubernetes)["envFrom"]]
    assert secret == kubernetes["Secret"]["metadata"]["name"]
    assert kubernetes["Service"]["spec"]["ports"][0]["targetPort"] == container(kubernetes)["ports"][0]["containerPort"]


def test_what_is_written_can_be_written_on_a_disk_that_cannot(kubernetes: dict[str, Any]) -> None:
    assert container(kubernetes)["securityContext"]["readOnlyRootFilesystem"]
    mounted = {mount["mountPath"] for mount in container(kubernetes)["volumeMounts"]}
    volumes = {volume["name"] for volume in kubernetes["Deployment"]["spec"]["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container(kubernetes)["volumeMounts"]} == volumes
    written = re.findall(r"BOUSSOLE_(?:CONVERSATIONS|ETAT)=(\S+)", read("Containerfile"))
    assert written
    for path in ("/tmp", *written):
        assert any(path == place or path.startswith(f"{place}/") for place in mounted), path


# The image


def test_nothing_that_git_ignores_goes_into_the_image() -> None:
    ignored = (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()
    left_out = (PROJECT / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines() == left_out
    missing = {line.strip("/") for line in ignored if line and "*" not in line} - {
        line.removeprefix("**/") for line in left_out
    }
    assert not missing


def test_the_image_runs_as_nobody_special_and_stops_in_good_order() -> None:
    text = read("Containerfile")
    assert re.search(r"^USER boussole$", text, re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", text, re.MULTILINE)
    assert "/sante/pret" in text


# nginx


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    engine = nginx(tmp_path, [5005, 5006])
    checked = subprocess.run([*engine.command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


def test_with_tls_as_the_page_for_operators_says_nginx_accepts_it_too(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=boussole.test",
         "-keyout", str(key), "-out", str(certificate)],
        capture_output=True, env={**os.environ, "RANDFILE": str(tmp_path / "rnd")},
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl is not installed")
    engine = nginx(tmp_path, [5005])
    path = tmp_path / "nginx.conf"
    listen = f"listen 127.0.0.1:{engine.port}"
    path.write_text(
        path.read_text().replace(
            f"{listen};", f"{listen} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};"
        )
    )
    assert " ssl;" in path.read_text()
    checked = subprocess.run([*engine.command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
