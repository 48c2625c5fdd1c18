"""A registry as it is declared: who reserves, who folds, and where its pages go."""

import pytest

from support.faults import assert_faults, assert_right
from support.policies import programme

REGISTRY = "{prefix: T, folded_by: owner}"
PAGE = "{shows: registry, template: registry.md.j2, path: governance/registry/registry.md}"
ADDENDA = "{shows: addendum, template: addendum.md.j2, path: governance/addenda}"


def documents(registry: str = REGISTRY, **pages: str) -> str:
    """Return a programme with a registry and documents."""
    declared = {"registry": registry} if registry else {}
    return programme(**declared, documents="".join(f"\n  {name}: {page}" for name, page in pages.items()))


def test_a_registry_with_its_pages_is_sound() -> None:
    index = "{shows: registry-index, template: index.md.j2, path: governance/registry/00-index.md, json: governance/registry/00-index.json}"
    assert_right(documents(page=PAGE, index=index, addenda=ADDENDA.replace("}", ", json: governance/addenda}")))


@pytest.mark.parametrize("reserved_by", ["agent", "board", "owner"])
def test_who_reserves_may_be_an_agent_a_role_or_an_owner_where_others_fold(reserved_by: str) -> None:
    assert_right(programme(registry=f"{{prefix: T, folded_by: {{all: [{{of: board}}]}}, reserved_by: {reserved_by}}}"))


def test_who_reserves_is_declared() -> None:
    assert_faults(
        programme(registry="{prefix: T, folded_by: owner, reserved_by: §nobody}"),
        "POLICY_DANGLING unknown actor or role `nobody`; declare it, or name one that is declared",
    )


@pytest.mark.parametrize(
    ("folded_by", "reserved_by"), [("owner", "owner"), ("{all: [{of: board, at_least: 3}]}", "board"), ("{all: [{of: owner}, {of: board}]}", "owner")]
)
def test_a_registry_of_which_nobody_could_fold_anything_is_a_fault(folded_by: str, reserved_by: str) -> None:
    told = f"POLICY_UNSATISFIABLE nobody can fold what {reserved_by} reserves: who reserved ids cannot fold them; let others reserve, or others fold"
    assert_faults(programme(registry=f"§{{prefix: T, folded_by: {folded_by}, reserved_by: {reserved_by}}}"), told)


def test_pages_of_a_registry_need_one() -> None:
    assert_faults(
        documents("", page=PAGE.replace("shows: ", "§shows: ")),
        "POLICY_DOCUMENT document `page` shows a registry, and none is declared; declare `registry`, or remove it",
    )


def test_addenda_are_of_no_other_moment() -> None:
    told = "POLICY_DOCUMENT document `addenda`: an addendum shows its reservation as it stands, at no other moment; remove `as_of`"
    assert_faults(documents(addenda=ADDENDA.replace("}", ', §as_of: "@S0"}')), told)


def test_the_addenda_have_one_folder() -> None:
    told = "POLICY_DOCUMENT documents `{}` and `{}` both show the addenda; keep one"
    two = documents(one=f"§{ADDENDA}", two=f"§{ADDENDA.replace('governance/addenda', 'governance/others')}")
    assert_faults(two, told.format("one", "two"), told.format("two", "one"))


@pytest.mark.parametrize("path", ["governance/addenda/485..494.md", "governance/ADDENDA/x.md"])
def test_no_other_page_is_written_among_the_addenda(path: str) -> None:
    page = PAGE.replace("path: governance/registry/registry.md", f"§path: {path}")
    told = "POLICY_COLLISION document `page` is in the folder of the addenda, which are named by their ranges; put it elsewhere"
    assert_faults(documents(page=page, addenda=ADDENDA), told)


@pytest.mark.parametrize("folder", ["governance/ledger", "governance/policy/addenda", "elsewhere"])
def test_the_folder_of_the_addenda_is_where_pages_may_be(folder: str) -> None:
    told = f"POLICY_DOCUMENT `{folder}` is no place for a rendered document; governance/…/NAME"
    assert_faults(documents(addenda=ADDENDA.replace("path: governance/addenda", f"§path: {folder}")), told)
