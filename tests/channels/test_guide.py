"""The commands and settings of docs/canaux.md, run as an operator would: real nginx with TLS, real Synapse, curl."""

import asyncio
import json
import os
import re
import ssl
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boussole.triage.knowledge import PROJECT
from tests.channels.platforms import Bot, Platform, api, door
from tests.channels.stubs import SIGNING, STUBS, TOKEN
from tests.engines import Engine, free_port, program
from tests.homeserver import Homeserver

GUIDE = (PROJECT / "docs" / "canaux.md").read_text(encoding="utf-8")
TELEGRAM = STUBS["telegram"]


def block(language: str, part: str) -> str:
    """The block of code of the guide that holds ``part``."""
    return next(found for found in re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL) if part in found)


def shell(command: str, typed: str = "", **variables: str) -> str:
    """Run a command of the guide; return what it writes."""
    program("curl")
    env = {**os.environ, "NO_PROXY": "127.0.0.1", **variables}
    done = subprocess.run(["bash", "-c", command], input=typed, capture_output=True, text=True, check=True, env=env)
    return done.stdout


@contextmanager
def nginx(folder: Path, upstream: str) -> Any:
    """nginx as the guide has it, with a certificate of its own, before ``upstream``."""
    port = free_port()
    key, certificate = folder / "cle.pem", folder / "certificat.pem"
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=boussole.exemple.fr",
         "-days", "2", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True,
    )  # fmt: skip
    site = block("nginx", "listen 443 ssl").replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    site = re.sub(r"(ssl_certificate +)\S+;", rf"\g<1>{certificate};", site)
    site = re.sub(r"(ssl_certificate_key +)\S+;", rf"\g<1>{key};", site)
    site = site.replace("http://127.0.0.1:5005", upstream)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(f"{user} daemon off; pid {folder}/pid; events {{}} http {{ {folders} {site} }}")
    command = [program("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]
    engine = Engine(command, port, folder, f"https://127.0.0.1:{port}")
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def test_nginx_lets_the_webhooks_through_with_tls_and_nothing_else(tmp_path: Path) -> None:
    async def run() -> None:
        bot = Bot()
        async with api(Platform(TELEGRAM.yes)) as platform, door(TELEGRAM.channel(platform.url), bot) as entrance:
            inside = entrance.url.rpartition("/webhooks/")[0]
            trust = ssl.create_default_context()
            trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
            with nginx(tmp_path, inside) as front:

                async def post(path: str, text: str, number: int) -> int:
                    body, headers = TELEGRAM.request(text, number, SIGNING)
                    address = f"{front.url}{path}"
                    async with entrance.client.post(address, data=body, headers=headers, ssl=trust) as answer:
                        return answer.status

                assert await post("/webhooks/telegram/webhook", "on m'insulte", 1) == 200
                assert bot.texts == ["on m'insulte"]
                assert await post("/webhooks/telegram/webhook", "a" * 4_000_000, 2) == 413
                for path in ("/", "/metrics", "/webhooks/rest/webhook", "/webhooks/telegram/webhook/x"):
                    assert await post(path, "on m'insulte", 3) == 404
        assert len(bot.heard) == 1

    asyncio.run(run())


def test_telegram_is_told_where_to_call_and_with_which_secret() -> None:
    async def run() -> None:
        async with api(Platform(TELEGRAM.yes)) as platform:
            command = block("bash", "setWebhook").replace("https://api.telegram.org", platform.url)
            variables = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_SECRET": SIGNING}
            await asyncio.to_thread(shell, command, **variables)
            [(path, body, _)] = platform.calls
            assert path == f"/bot{TOKEN}/setWebhook"
            assert body["url"] == "https://boussole.exemple.fr/webhooks/telegram/webhook"
            assert body["secret_token"] == SIGNING
            assert json.loads(body["allowed_updates"]) == ["message", "callback_query"]

    asyncio.run(run())


def test_matrix_gives_the_account_a_token(homeserver: Homeserver) -> None:
    account = asyncio.run(homeserver.register("boussole"))
    name = account.user_id[1:].partition(":")[0]
    command = block("bash", "m.login.password").replace('"user": "boussole"', f'"user": "{name}"')
    said = json.loads(shell(command, typed="mot-de-passe\n", MATRIX_HOMESERVER=homeserver.url))
    assert said["user_id"] == account.user_id
    assert said["access_token"]


def test_the_key_that_the_guide_draws_is_long_enough() -> None:
    program("openssl")
    assert len(shell("openssl rand -hex 32").strip()) >= 32
    assert "openssl rand -hex 32" in GUIDE
