"""The page of a programme: one file with its own style and script, which asks nothing of the network.

Reads the templates, the style sheet and the script that are shipped beside it. The same state gives the same bytes. A
policy within the page forbids everything but that one style and that one script, by their digests.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from govern.documents.blocker_map import open_count, production_status
from govern.documents.escape import escape_terminal
from govern.documents.html.markdown import clean, trusted
from govern.documents.html.needed import demand_libraries
from govern.documents.html.sections import SECTIONS, Told
from govern.documents.render import Head
from govern.documents.times import spell_local
from govern.engine.settled import settled_at
from govern.engine.standing import status_token

# A page begins so: what was exported is exported again over it, and over nothing else.
BEGINS = '<!doctype html>\n<html lang="en" data-page="govern">\n'


def programme_html(told: Told, head: Head) -> str:
    """Return the page.

    Raises:
        GovernError: a library of `govern[html]` is not installed (status 3).
    """
    demand_libraries()
    environment = _environment()
    pictures: list[str] = []

    def picture(svg: str) -> Markup:
        # Put in where the page is clean: what is listed for text has no place for what is drawn.
        pictures.append(svg)
        return Markup('<span id="picture-{}"></span>').format(len(pictures) - 1)

    environment.globals["draw"] = picture
    shown = [
        {"id": each.id, "title": each.title, "html": trusted(environment.get_template(f"{each.id}.html.j2").render(each.context(told)))} for each in SECTIONS
    ]
    body = str(clean(environment.get_template("body.html.j2").render({**_heading(told, head), "sections": shown}), parts=True))
    for number, svg in enumerate(pictures):
        body = body.replace(f'<span id="picture-{number}"></span>', svg)
    style, script = _shipped("style.css"), _shipped("script.js")
    policy = _policy(style, script)
    around = {"title": told.view.policy.programme.title, "policy": policy, "style": trusted(style), "script": trusted(script), "body": trusted(body)}
    return environment.get_template("page.html.j2").render(around)


def _heading(told: Told, head: Head) -> dict[str, Any]:
    view = told.view
    return {
        "title": view.policy.programme.title,
        "programme": view.policy.programme.id,
        "status": status_token(view),
        "blocked": production_status(view),
        "open": open_count(view),
        "as_of": spell_local(settled_at(view), view.policy),
        "size": head.size,
        "last": head.last,
        "version": view.state.version,
        "policy_sha256": view.state.policy_digest,
        "waiver": view.policy.policy.signature_waiver or "",
        "keys": sum(key.retired is None for key in view.state.keys.values()),
    }


def _policy(style: str, script: str) -> str:
    """Return the policy of the page: nothing from anywhere, this style and this script."""
    return f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shipped(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _environment() -> Environment:
    """Return a new environment in which every value is escaped, and shown without what hides or reorders text."""
    environment = Environment(
        loader=PackageLoader("govern.documents", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["words"] = _words
    environment.filters["name"] = _name
    return environment


def _visible(value: object) -> object:
    return escape_terminal(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _words(values: Iterable[str]) -> str:
    """Return names as one attribute that a script splits at bars, which no name holds."""
    return "|".join(values)


def _name(value: str) -> Markup:
    """Return a name that may be broken behind what joins its words."""
    return Markup("<wbr>").join(re.split(r"(?<=[_/])(?=.)", escape_terminal(str(value))))
