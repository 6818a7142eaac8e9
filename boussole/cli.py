"""The command ``boussole``: one for people and for the Makefile."""

import argparse
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boussole.serving import quiet

if TYPE_CHECKING:
    from boussole.checkup import Finding

# The exit code of an audit that could look at nothing: neither well nor wrong.
NOT_AUDITED = 3
# Each command and what it does, for --help and docs/reference.md.
COMMANDS = {
    "run": "serve the channels of credentials.yml over HTTP",
    "chat": "talk with the bot in this terminal",
    "train": "train the model from data/, domain.yml and config.yml",
    "evaluate": "measure the bot on texts that it never learned",
    "pace": "measure how long a message takes to be understood, over the texts of evaluation/",
    "stock": "train Rasa's default pipeline on our data, to compare with it: boussole evaluate --model ...",
    "bench": "measure the server, and Rasa's stock deployment beside it",
    "corpus": "list the sentences of data/ that contradict each other",
    "tree": "print the decision tree as a Mermaid flowchart",
    "audit": "look for known vulnerabilities of what is installed; 0 fine, 1 something to do, 3 nothing was looked at",
    "check": "check knowledge/, and with --service and --links what an operator needs, and say what is wrong",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words after ``boussole``; by default those of the process.

    Returns:
        0, or 1 when the command failed, after a line on standard error that says why.
    """
    quiet.prepare()
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except KeyboardInterrupt:
        return 0
    except (ValueError, RuntimeError, OSError) as error:
        print(f"boussole: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        # Rasa's own errors (a domain or a configuration that is not right) are for the operator, not a traceback.
        if not type(error).__module__.startswith("rasa."):
            raise
        print(f"boussole: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="boussole", description="A triage chatbot for cyberbullying, in French.")
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help=COMMANDS["run"])
    run.add_argument("--port", type=int, default=os.environ.get("PORT", "5005"))
    run.add_argument("--interface", default="127.0.0.1", help="address to listen on (default: this machine only)")
    run.add_argument("--model", type=Path, help="a model archive (default: the newest of models/)")
    run.set_defaults(command=_run)

    chat = commands.add_parser("chat", help=COMMANDS["chat"])
    chat.add_argument("--no-color", action="store_true", help="plain text, as with NO_COLOR=1")
    chat.add_argument("--model", type=Path, help="a model archive (default: the newest of models/)")
    chat.set_defaults(command=_chat)

    train = commands.add_parser("train", help=COMMANDS["train"])
    train.add_argument("--kinds", nargs="+", choices=("linear", "network"), help="only these models (to compare them)")
    train.add_argument("--every", type=int, default=1, help="learn one sentence in so many (to compare; default: all)")
    train.add_argument("--output", type=Path, help="folder of the archive (default: models/)")
    train.set_defaults(command=_train)

    evaluate = commands.add_parser(
        "evaluate",
        help=COMMANDS["evaluate"],
        description="Plays evaluation/*.yml against the bot, and compares with the previous run. "
        "The clock stands at 2026-11-22T12:00 so that runs compare, unless BOUSSOLE_MAINTENANT says otherwise; "
        "a server behind --url has its own clock: start it with the same BOUSSOLE_MAINTENANT.",
    )
    evaluate.add_argument("files", nargs="*", type=Path, help="files to play (default: those of evaluation/)")
    evaluate.add_argument("--url", help="a running server, such as http://127.0.0.1:5005 (default: in this process)")
    evaluate.add_argument("--model", type=Path, help="a model archive (default: the newest of models/)")
    evaluate.add_argument("--results", type=Path, help="where figures and failures go (default: results/)")
    evaluate.set_defaults(command=_evaluate)

    pace = commands.add_parser("pace", help=COMMANDS["pace"])
    pace.set_defaults(command=_pace)

    stock = commands.add_parser("stock", help=COMMANDS["stock"])
    stock.add_argument("--epochs", type=int, default=100, help="of DIET (default: 100, as « rasa init » has)")
    stock.add_argument("--every", type=int, default=1, help="learn one sentence in so many (default: all)")
    stock.add_argument("--output", type=Path, default=Path("results/stock.tar.gz"))
    stock.set_defaults(command=_stock)

    bench = commands.add_parser(
        "bench",
        help=COMMANDS["bench"],
        description="Trains and starts Rasa's default pipeline with its two processes, then this project's server, and "
        "prints both with their ratios. It wants the whole machine, for a quarter of an hour and our training's time; "
        "--no-stock --no-training takes two minutes. The stock training is reduced, which makes its server no slower.",
    )
    bench.add_argument("--seconds", type=float, default=30, help="how long each load lasts (default: 30)")
    bench.add_argument("--clients", type=int, default=32, help="clients of the larger load (default: 32)")
    bench.add_argument("--no-stock", action="store_true", help="measure this server only")
    bench.add_argument("--stock-model", type=Path, help="a stock model trained before, in place of training one")
    bench.add_argument("--epochs", type=int, default=2, help="epochs of the stock training (default: 2; Rasa has 100)")
    bench.add_argument(
        "--every", type=int, default=8, help="the stock model learns one sentence in so many (default: 8)"
    )
    bench.add_argument("--no-training", action="store_true", help="do not measure our training")
    bench.add_argument(
        "--processes", type=int, default=1, help="also show how throughput grows up to so many processes"
    )
    bench.add_argument("--json", type=Path, help="where the figures go")
    bench.set_defaults(command=_bench)

    corpus = commands.add_parser("corpus", help=COMMANDS["corpus"])
    corpus.set_defaults(command=_corpus)

    tree = commands.add_parser("tree", help=COMMANDS["tree"])
    tree.set_defaults(command=_tree)

    audit = commands.add_parser("audit", help=COMMANDS["audit"])
    audit.set_defaults(command=_audit)

    check = commands.add_parser("check", help=COMMANDS["check"])
    check.add_argument("--service", action="store_true", help="also the model, the stores and the channels of a server")
    check.add_argument("--links", action="store_true", help="also open every link of knowledge/, if there is a network")
    check.set_defaults(command=_check)
    return parser


def _run(options: argparse.Namespace) -> int:
    from boussole.serving import start

    with progress("Démarrage de Boussole"):
        start.begin()
        # The slow part of the start, under the progress display.
        importlib.import_module("rasa.core.run")

        from boussole.serving.server import serve
    serve(options.port, options.interface, options.model)
    return 0


def _chat(options: argparse.Namespace) -> int:
    import asyncio

    # Libraries swallow, half aloud, a KeyboardInterrupt that falls in their start: Ctrl-C then waits for its end.
    left = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: left.set())

    from boussole.serving import start

    start.begin()
    from boussole.channels.terminal import Terminal, chat, say_goodbye
    from boussole.serving.agent import check_model, load_agent
    from boussole.serving.logs import configure_logs

    # What goes wrong is said in the conversation itself; the screen belongs to the person.
    configure_logs(logging.CRITICAL)
    model = check_model(options.model)
    terminal = Terminal.of_process(no_color=options.no_color)

    async def talk() -> None:
        with progress("Boussole arrive"):
            agent = await load_agent(model)
        start.settle()
        # asyncio's own handler would keep Ctrl-C waiting while the prompt or the model holds the event loop.
        signal.signal(signal.SIGINT, _interrupt)
        if left.is_set():
            say_goodbye(terminal)
        else:
            await chat(agent, terminal)

    asyncio.run(talk())
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _train(options: argparse.Namespace) -> int:
    from boussole.serving.agent import MODELS
    from boussole.serving.training import train

    with progress("Entraînement du modèle"):
        model = train(options.output or MODELS, options.kinds, options.every)
    print(f"Modèle prêt : {model}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from boussole.evaluation import command

    command.set_clock()
    subject = command.over_http(options.url) if options.url else command.in_process(options.model)
    return command.evaluate(options.files, subject, options.results or command.RESULTS)


def _pace(options: argparse.Namespace) -> int:
    from boussole.evaluation.command import default_paths
    from boussole.evaluation.material import load_material
    from boussole.evaluation.pace import pace
    from boussole.serving.agent import latest_model
    from boussole.serving.reader import load_reader
    from boussole.triage.knowledge import load_knowledge

    entries = [entry for path in default_paths() for entry in load_material(load_knowledge(), path)]
    print(pace(load_reader(latest_model()), entries))
    return 0


def _stock(options: argparse.Namespace) -> int:
    from boussole.evaluation.stock import train_stock

    print(f"Modèle prêt : {train_stock(options.output, options.epochs, options.every)}")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from boussole.bench.command import Options, bench

    return bench(
        Options(
            seconds=options.seconds,
            clients=options.clients,
            stock=not options.no_stock,
            stock_model=options.stock_model,
            epochs=options.epochs,
            every=options.every,
            training=not options.no_training,
            processes=options.processes,
            json_file=options.json,
        )
    )


def _corpus(options: argparse.Namespace) -> int:
    from boussole.triage.knowledge import load_knowledge
    from boussole.understanding.corpus import describe, exact_conflicts, load_corpus, near_conflicts, overruled

    examples = load_corpus()
    wrong = [*exact_conflicts(examples), *overruled(load_knowledge(), examples)]
    near = near_conflicts(examples)
    print(f"{len(examples)} sentences, {len(wrong)} with two meanings", *map(describe, wrong), sep="\n")
    print(f"{len(near)} pairs of nearly the same words with two meanings:", *map(describe, near), sep="\n")
    return 1 if wrong else 0


def _tree(options: argparse.Namespace) -> int:
    from boussole.triage.knowledge import load_knowledge
    from boussole.triage.tree import mermaid

    print(mermaid(load_knowledge()), end="")
    return 0


def _check(options: argparse.Namespace) -> int:
    from boussole.triage.knowledge import load_knowledge
    from boussole.triage.tree import unreachable
    from boussole.understanding.crisis import detect
    from boussole.understanding.lexicon import load_lexicon
    from boussole.understanding.normalise import load_spelling

    knowledge = load_knowledge()
    if lost := unreachable(knowledge):
        raise ValueError("nothing leads to: " + ", ".join(lost))
    # The words of crisis, the lexicon and the spelling have their own loaders, which check them the same way.
    detect("")
    load_lexicon()
    load_spelling()
    print(
        f"knowledge/: {len(knowledge.questions)} questions, {len(knowledge.steps)} steps, "
        f"{len(knowledge.services)} services, {len(knowledge.platforms)} platforms, {len(knowledge.faq)} answers: fine"
    )
    return _check_up(knowledge, options) if options.service or options.links else 0


def _check_up(knowledge: Any, options: argparse.Namespace) -> int:
    from boussole import checkup
    from boussole.clock import now

    findings = list(checkup.check_age(knowledge, now().date()))
    if options.service:
        findings += checkup.check_service()
    if options.links:
        findings += checkup.check_links(checkup.links(knowledge))
    return _tell(findings)


def _audit(options: argparse.Namespace) -> int:
    from boussole.advisories import NotAuditedError, audit, load_reasons

    reasons = load_reasons()
    try:
        return _tell(audit(reasons))
    except NotAuditedError as error:
        print(f"??  NOT AUDITED, no advisory was looked at: {error}", file=sys.stderr)
        return NOT_AUDITED


def _tell(findings: Iterable["Finding"]) -> int:
    """Print findings; return 0 when all are fine, else 1."""
    wrong = 0
    for finding in findings:
        wrong += not finding.fine
        print(f"{'ok ' if finding.fine else '!! '} {finding.text}", flush=True)
    return 1 if wrong else 0


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show that something long is under way: elapsed seconds on a terminal, one line elsewhere."""
    if not sys.stderr.isatty():
        print(f"{what}…", file=sys.stderr, flush=True)
        yield
        return
    over = threading.Event()

    def show() -> None:
        seconds = 0
        while not over.wait(1):
            seconds += 1
            print(f"\r{what}… {seconds} s", end="", file=sys.stderr, flush=True)
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
