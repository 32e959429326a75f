"""Switchyard's workbench: `python3 dev.py COMMAND`. It needs Python 3.10 or newer and nothing else.

What a command needs is built once, in a cache folder outside the checkout (SWITCHYARD_CACHE, else the platform's
own). COMFYUI_PATH, with COMFYUI_PYTHON, makes it use a ComfyUI of yours instead, into which nothing is installed.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit("dev.py: this Python is too old: run it with Python 3.10 or newer.")

from tools.comfyui import NEWEST, RELEASES
from tools.errors import ToolError


def main(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a code page without arrows is no reason to stop
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped on the way out
    if argv[:1] == ["plan"]:
        from tools import plan

        return plan.main(argv[1:])
    own, passed_on = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    parser = _parser()
    options = parser.parse_args(own)
    if options.command is None:
        parser.print_help()
        return 0
    if options.command in ("test", "bench"):
        options.paths += passed_on
    try:
        return COMMANDS[options.command](options)
    except ToolError as trouble:
        print(f"dev.py: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dev.py: stopped.", file=sys.stderr)
        return 130


def _env(options: argparse.Namespace) -> int:
    from tools.environment import environment

    found = environment(options.comfyui)
    facts = {"python": str(found.python), "comfyui": str(found.comfyui)}
    if found.overlay:
        facts["overlay"] = str(found.overlay)
    print(json.dumps(facts))
    return 0


def _serve(options: argparse.Namespace) -> int:
    from tools import serve

    return serve.run(options.comfyui, options.port)


def _demo(options: argparse.Namespace) -> int:
    from tools import demo

    return demo.run(options.comfyui, live=options.live)


def _test(options: argparse.Namespace) -> int:
    from tools import suite

    return suite.run(options.comfyui, full=options.full, expression=options.k, paths=options.paths)


def _check(options: argparse.Namespace) -> int:
    from tools import check

    return check.run()


def _bench(options: argparse.Namespace) -> int:
    from tools import bench

    return bench.run(options.comfyui, options.paths)


def _workflows(options: argparse.Namespace) -> int:
    return _script("save_workflows.py", options)


def _pictures(options: argparse.Namespace) -> int:
    return _script("pictures.py", options)


def _script(name: str, options: argparse.Namespace) -> int:
    """One of the scripts that drive a page, on the environment."""
    from tools.environment import child, environment

    found = environment(options.comfyui)
    script = Path(__file__).resolve().parent / "tools" / name
    return subprocess.call([str(found.python), str(script)], env=child(found.variables()))


def _jobs(options: argparse.Namespace) -> int:
    from tools import jobs

    names = ("action", "key", "folder", "out", "csv", "unbilled")
    return jobs.run(jobs.Wish(**{name: getattr(options, name) for name in names}))


COMMANDS = {
    "env": _env,
    "serve": _serve,
    "demo": _demo,
    "test": _test,
    "check": _check,
    "bench": _bench,
    "jobs": _jobs,
    "workflows": _workflows,
    "pictures": _pictures,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dev.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    env = commands.add_parser(
        "env", help="print the Python and the ComfyUI that the other commands use, as JSON"
    )
    serve = commands.add_parser("serve", help="start ComfyUI with the pack and keep it running until Ctrl+C")
    demo = commands.add_parser(
        "demo", help="run every bundled workflow once, paying nothing, and say what was made"
    )
    test = commands.add_parser("test", help="run the tests; what follows -- goes to pytest as it is")
    commands.add_parser("check", help="lint, types, scripts, packaging, contracts")
    bench = commands.add_parser(
        "bench",
        help="seconds and memory of local models: ours, diffusers', core's; what follows -- goes to it",
    )
    bench.set_defaults(paths=[])
    commands.add_parser("plan", help="say where prompts would go and why, without ComfyUI", add_help=False)
    jobs = commands.add_parser("jobs", help="what was asked of the paid service, and what it cost")
    jobs.add_argument(
        "action", nargs="?", choices=("list", "collect", "export", "forget"), default="list",
        help="list (the default); collect the pictures of jobs that nobody is at, which sends and pays nothing;\n"
        "export every payment as CSV; forget one request, so that it may be sent again",
    )  # fmt: skip
    jobs.add_argument("key", nargs="?", default="", help="the request to collect or forget, as list shows it")
    jobs.add_argument(
        "--folder", default="", help="where the journal is (default: every one that dev.py knows of)"
    )
    jobs.add_argument(
        "--out", metavar="DIR", default="", help="for collect: the pictures (default switchyard-collected)"
    )
    jobs.add_argument("--csv", metavar="FILE", default="", help="for export (default: the terminal)")
    jobs.add_argument(
        "--unbilled", action="store_true", help="for forget: fal did not bill it, so it no longer counts"
    )
    workflows = commands.add_parser(
        "workflows",
        help="save the bundled workflows and blueprints anew through ComfyUI's own page (needs Chromium)",
    )
    pictures = commands.add_parser(
        "pictures", help="take the README's and the help pages' pictures anew (needs Chromium)"
    )
    for command in (env, serve, demo, test, bench, workflows, pictures):
        versions = ", ".join(RELEASES)
        command.add_argument("--comfyui", metavar="VERSION", help=f"one of {versions} (default {NEWEST})")
    serve.add_argument("--port", type=int, default=8188, help="default 8188")
    demo.add_argument("--live", action="store_true", help="really call the paid service with FAL_KEY")
    test.add_argument("--full", action="store_true", help="the long ones too, and the oldest ComfyUI")
    test.add_argument("-k", metavar="EXPR", help="only the tests whose names match, as pytest's -k")
    test.add_argument("paths", nargs="*", help="files, folders or test ids (default: all)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
