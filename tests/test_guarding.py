"""What of a tool call is guarded: plainly used, named in a form that cannot be read, or neither."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.hook.calls import MOST_BYTES, NoCallError, read_call
from govern.hook.guarding import Guard, guarded
from govern.hook.words import fold
from support.agents import claude, copilot, cursor, gemini, tool

GUARDS = [
    Guard("command", "psql", "mutation", ["mutation"], ""),
    Guard("command", "git push", "ci", ["trigger"], ""),
    Guard("path", "governance/ledger", "", [], "written by govern alone"),
    Guard("path", "states.yaml", "", [], "adopted"),
    Guard("tool", "mcp__db__*", "pg", ["mutation"], ""),
    Guard("tool", "deploy_now", "ci", ["trigger"], ""),
]

PLAIN = [
    line.replace("⏎", "\n")
    for line in r"""psql -c x
/usr/local/bin/psql
./psql
PSQL
psql.exe
p""sql
\psql
p\⏎sql
PGHOST=a psql
A=1 B=2 psql
sudo -u postgres psql
env A=b psql
nohup psql &
time psql
command psql
exec psql
ls | xargs psql
xargs -I{} psql {}
find . -exec psql {} ;
true; psql
true && psql
false || psql
(psql)
{ psql; }
$(psql)
echo "$( (true); psql )"
echo `psql`
cat <(psql)
if true; then psql; fi
for i in 1 2; do psql; done
f() { psql; }; f
sh -c 'psql -c x'
bash -lc "cd x && psql"
sh -c "sh -c 'psql'"
ssh host 'psql -c x'
docker exec db psql
timeout 5 psql
watch psql
psql <<E⏎select 1⏎E
sh <<E⏎psql⏎E
python -m psql
rg --pre psql x
govern run other -- psql
govern run other -- sh -c 'psql -c x'
govern run mutation -- x; psql
govern -- run other psql
govern $x -- psql
govern run "$x" -- psql""".splitlines()
]
UNCLEAR = [
    line.replace("⏎", "\n")
    for line in r"""x=psql; $x
$(echo psql) -c x
echo psql | sh
echo cHNxbA== psql | base64 -d | sh
alias p=psql; p
python -c 'import os; os.system("psql")'
perl -e 'system("psql")'
echo 'psql
psql-wrapper.sh
bash run-psql.sh
make CMD=psql
. ./psql.env
$CMD psql
"$x"psql
$i'psql' x
python -c 'os.system("$x""psql")'
CMD=psql make run
cat > x.sh <<E⏎psql⏎E⏎bash x.sh""".splitlines()
]
HARMLESS = """echo psql
grep -r psql docs
cat psql.md
git commit -m 'use psql'
git log --grep psql
ls
echo $HOME
rm -rf build
ps aux
cat mypsqlx
python test_psqls.py
find . -name psql.md
sed -n 1p psql.md
cp psql.md other.md
govern gate psql
govern why-blocked psql
govern run mutation -- psql -c x
govern run mutation -- sh -c 'psql -c x | tee y'
govern run mutation --as me -- psql -c "$x"
govern what-if 'decide 5' -- gate psql
base64 -d x | sh
command -v psql
sort psql.txt""".splitlines()


def met(call: bytes, root: Path) -> list[tuple[str, bool]]:
    return [(guard.words, plain) for guard, plain in guarded(read_call(call, str(root)), GUARDS, str(root))]


@pytest.mark.parametrize("line", PLAIN)
def test_a_guarded_command_is_found_behind_whatever_runs_it(line: str, tmp_path: Path) -> None:
    assert met(claude(line), tmp_path) == [("psql", True)]


@pytest.mark.parametrize("line", UNCLEAR)
def test_a_guarded_word_in_a_form_that_cannot_be_read_counts_as_used(line: str, tmp_path: Path) -> None:
    assert met(claude(line), tmp_path) == [("psql", False)]


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_speaks_of_it_or_names_nothing_goes_ahead(line: str, tmp_path: Path) -> None:
    assert met(claude(line), tmp_path) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("git push", [("git push", True)]),
        ("git push --force origin main", [("git push", True)]),
        ("git -C elsewhere push", [("git push", True)]),
        ("git --git-dir=x push", [("git push", True)]),
        ("git $x", [("git push", True)]),
        ("git -c alias.x='!git push' x", [("git push", False)]),
        ("git status", []),
        ("git stash push", []),
        ("git checkout push-feature", []),
        ("git log --grep push", []),
        ('git -C "$x" status', []),
        ("git commit -m \"$(cat <<'E'\nDon't push with git\nE\n)\"", []),
    ],
)
def test_the_words_behind_a_program_count_where_they_are_its_own(line: str, found: list[tuple[str, bool]], tmp_path: Path) -> None:
    assert met(claude(line), tmp_path) == found


LEDGER, POLICY = ("governance/ledger", True), ("states.yaml", True)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("echo x > governance/ledger/000000.jsonl", [LEDGER]),
        ("echo x >> ./states.yaml", [POLICY]),
        ("echo x >| governance/../STATES.yaml", [POLICY]),
        ("cd governance && echo > ledger/x", [LEDGER]),
        ("cd governance; cd ledger; touch x", [LEDGER]),
        ("tee governance/ledger/x", [LEDGER]),
        ("dd of=states.yaml", [POLICY]),
        ("sed -i s/a/b/ states.yaml", [POLICY]),
        ("vim states.yaml", [POLICY]),
        ("rm -rf governance", [LEDGER]),
        ("rm -rf *", [LEDGER, POLICY]),
        ("rm -rf .", [LEDGER, POLICY]),
        ("rm g*/l*/x", [LEDGER]),
        ("cp x gov*/led*/y", [LEDGER]),
        ("truncate -s 0 ?tates.yaml", [POLICY]),
        ("mv [s]tates.yaml x", [LEDGER, POLICY]),
        ("sort -o states.yaml x", [POLICY]),
        ("git diff --output=states.yaml", [POLICY]),
        ("git checkout -- states.yaml", [POLICY]),
        ("git checkout -- .", [LEDGER, POLICY]),
        ("git -C . checkout -- .", [LEDGER, POLICY]),
        ("git -C . log --output=states.yaml", [LEDGER, POLICY]),
        ("sed -Ei s/a/b/ states.yaml", [POLICY]),
        ("sed -ni.bak p states.yaml", [POLICY]),
        ("sed --in-pl s/a/b/ states.yaml", [POLICY]),
        ("sed -n 'w states.yaml' x", [("states.yaml", False)]),
        ("ls > s*.yaml", [POLICY]),
        ("ls > {states,x}.yaml", [POLICY]),
        ("cp backup/* .", [POLICY]),
        ("env cp -t . backup/*", [POLICY]),
        ("find $(pwd)/governance -delete", [("governance/ledger", False)]),
        ("curl -ostates.yaml x", [POLICY]),
        ("sudo rm -rf governance", [LEDGER]),
        ("timeout 9 rm -rf governance", [LEDGER]),
        ("ls | xargs rm -rf governance", [LEDGER]),
        ('rm -rf "$PWD/governance"', [("governance/ledger", False)]),
        ("rm -rf $(pwd)/governance/", [("governance/ledger", False)]),
        ("sudo mv $D/../governance x", [("governance/ledger", False)]),
        ("cp backup/states.yaml .", [POLICY]),
        ("cp -t . backup/states.yaml", [POLICY]),
        ("install --target-directory=. backup/states.yaml", [POLICY]),
        ("cp -r backup/governance .", [LEDGER]),
        ("cp -r backup/* governance", [LEDGER]),
        ("find . -delete", [LEDGER, POLICY]),
        ("find -name '*.jsonl' -delete", [LEDGER]),
        ("find governance -type f -exec rm {} +", [LEDGER]),
        ("find . ! -name x -exec sed -i s/a/b/ {} ;", [LEDGER, POLICY]),
        ("find . -name x -o -delete", [LEDGER, POLICY]),
        ("find -L . -iname 'STATES*' -execdir sudo sh -c 'x' ;", [POLICY]),
        ("govern run mutation -- rm -rf governance/ledger", [LEDGER]),
        ("govern run mutation -- sh -c 'echo > states.yaml'", [POLICY]),
        ("echo > $HOME/../states.yaml", [("states.yaml", False)]),
        ("cp x $D/states.yaml", [("states.yaml", False)]),
        ("cd $D && cp x ledger", [("governance/ledger", False)]),
        ("python -c \"open('states.yaml', 'w')\"", [("states.yaml", False)]),
        ("python <<E\nopen('governance/ledger/x', 'w')\nE", [("governance/ledger", False)]),
        ("echo 'states.yaml", [("states.yaml", False)]),
        ("apply_patch <<'E'\n*** Begin Patch\n*** Update File: states.yaml\nE", [POLICY]),
        ("cat governance/ledger/000000.jsonl", []),
        ("grep x states.yaml 2>&1 | head", []),
        ("git add states.yaml && git commit -m 'states.yaml'", []),
        ("truncate governance/ledger/*", [LEDGER]),
        ("rm docs/* build/*", []),
        ("rm *.pyc", []),
        ("cp a b", []),
        ("ruff check . > out.txt", []),
        ("ls > /dev/null", []),
        ("govern render", []),
        ("govern verify --since $F governance/ledger", []),
        ("git -C . status", []),
        ("git --no-pager diff .", []),
        ("git ls-tree -r HEAD .", []),
        ("sed -n 1,5p states.yaml", []),
        ("sed -ne s/i/j/p states.yaml", []),
        ("cp -r a b", []),
        ("cp docs/* .", []),
        ("cp", []),
        ("cp -t", []),
        ('rm -rf "$D/build"', []),
        ('rm -rf "$D"', []),
        ("find . -name '*.pyc' -delete", []),
        ("find . ( -name '*.pyc' -o -name '*.pyo' ) -delete", []),
        ("find build -delete", []),
        ("find . -exec grep x {} +", []),
        ("find . -exec", []),
    ],
)
def test_a_guarded_path_is_found_however_a_line_names_it(line: str, found: list[tuple[str, bool]], tmp_path: Path) -> None:
    (tmp_path / "governance" / "ledger").mkdir(parents=True)
    (tmp_path / "governance" / "ledger" / "000000.jsonl").touch()
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "states.yaml").touch()
    assert met(claude(line, str(tmp_path)), tmp_path) == found


def test_a_link_leads_to_the_path_that_is_guarded(tmp_path: Path) -> None:
    (tmp_path / "governance" / "ledger").mkdir(parents=True)
    (tmp_path / "innocent").symlink_to("governance")
    assert met(tool("Write", str(tmp_path), file_path="innocent/ledger/x", content=""), tmp_path) == [LEDGER]
    assert met(claude("echo > innocent/ledger/x", str(tmp_path)), tmp_path) == [LEDGER]


def test_a_link_is_followed_from_the_path_in_the_case_in_which_it_is_declared(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "Ledger").symlink_to("kept")
    guard = Guard("path", "Ledger", "", [], "no")
    assert guarded(read_call(tool("Write", str(tmp_path), file_path="kept/x"), "/"), [guard], str(tmp_path)) == [(guard, True)]


def test_every_tool_that_is_not_known_to_read_is_looked_at(tmp_path: Path) -> None:
    path, here = f"{tmp_path}/governance/ledger/000000.jsonl", str(tmp_path)
    for name, sent in (
        ("Write", {"file_path": path}),
        ("Edit", {"file_path": "./governance//ledger"}),
        ("MultiEdit", {"file_path": path, "edits": [{"old_string": "a", "new_string": "b"}]}),
        ("NotebookEdit", {"notebook_path": path}),
        ("write_file", {"absolute_path": path.upper()}),
        ("mcp__files__move", {"from": "x", "to": {"deep": [path]}}),
        ("mcp__files__move", json.loads('{"to": ' + "[" * 49 + json.dumps(path) + "]" * 49 + "}")),
        ("apply_patch", {"command": "*** Begin Patch\n*** Delete File: governance/ledger/x\n*** End Patch"}),
        ("apply_patch", {"command": "*** Begin Patch\n*** Update File: a\n*** Move to: governance/ledger/x\n"}),
    ):
        assert met(tool(name, here, **sent), tmp_path) == [LEDGER], name
    for name in ("Read", "read_file", "Grep", "mcp__files__read_file"):
        assert met(tool(name, here, file_path=path), tmp_path) == [], name
    assert met(tool("Write", here, file_path="docs/ledger.md", content=f"It is {path}."), tmp_path) == []


@pytest.mark.parametrize("key", ["workdir", "cwd", "directory", "dir_path", "working_directory"])
def test_the_folder_that_a_call_names_is_the_one_that_its_line_runs_in(key: str, tmp_path: Path) -> None:
    for folder in ("governance", f"{tmp_path}/governance"):
        assert met(tool("shell", str(tmp_path), command="echo > ledger/x", **{key: folder}), tmp_path) == [LEDGER]
        assert met(tool("shell", str(tmp_path), command=["tee", "ledger/x"], **{key: folder}), tmp_path) == [LEDGER]
    assert met(tool("shell", str(tmp_path), command="cat 000000.jsonl", **{key: "governance/ledger"}), tmp_path) == []


def test_an_editor_whose_command_is_no_shell_line_is_looked_at_for_what_it_writes_to(tmp_path: Path) -> None:
    for command in ("create", "str_replace", "insert"):
        assert met(tool("str_replace_based_edit_tool", str(tmp_path), command=command, path="states.yaml"), tmp_path) == [POLICY]
    assert met(tool("str_replace_based_edit_tool", str(tmp_path), command="view", path="states.yaml"), tmp_path) == []


def test_a_tool_is_guarded_by_its_name_or_by_the_beginning_of_it(tmp_path: Path) -> None:
    assert met(tool("mcp__db__query", sql="select 1"), tmp_path) == [("mcp__db__*", True)]
    assert met(tool("MCP__DB__X"), tmp_path) == [("mcp__db__*", True)]
    assert met(tool("Deploy_Now"), tmp_path) == [("deploy_now", True)]
    assert met(tool("deploy_now_or_later"), tmp_path) == []


@pytest.mark.parametrize("spell", [claude, copilot, cursor, gemini])
def test_the_formats_of_the_common_agents_are_read(spell: object, tmp_path: Path) -> None:
    assert callable(spell)
    assert met(spell("psql"), tmp_path) == [("psql", True)]
    assert met(spell("ls"), tmp_path) == []


def test_a_command_that_is_a_list_of_words_is_read_as_that(tmp_path: Path) -> None:
    assert met(tool("shell", command=["bash", "-lc", "true && psql"]), tmp_path) == [("psql", True)]
    assert met(tool("shell", command=["echo", "psql"]), tmp_path) == []
    assert met(tool("exec_command", command=None, cmd="psql"), tmp_path) == [("psql", True)]
    assert met(tool("shell", command=["bash", "-lc", "echo 'psql"]), tmp_path) == [("psql", False)]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"tool_name": "Bash"}',
        b'{"tool_name": "", "tool_input": {}}',
        b'{"tool_name": 1, "tool_input": {}}',
        b'{"tool_input": {"command": "ls"}}',
        b'{"tool_name": "Bash", "tool_name": "Read", "tool_input": {}}',
        b'{"tool_name": "Bash", "tool_input": {"command": "ls", "command": "psql"}}',
        b'{"tool_name": "Bash", "tool_input": {"timeout": NaN}}',
        b'{"tool_name": "Bash", "tool_input": {"timeout": -Infinity}}',
        b'{"tool_name": "Bash", "tool_input": {}} {}',
        b'{"tool_name": "Bash", "tool_input": {"command": "ls \n"}}',
        b'{"tool_name": "Bash", "tool_input": {"command": {"line": "psql"}}}',
        b'{"tool_name": "Bash", "tool_input": {"command": ["psql", 1]}}',
        b'{"tool_name": "Bash", "tool_input": {"command": []}}',
        b'{"tool_name": "Bash", "tool_input": {"command": "ls", "cmd": "psql"}}',
        b'{"toolName": "bash", "toolArgs": "{\\"command\\": \\"ls\\", \\"command\\": \\"psql\\"}"}',
        b'{"tool_name": "Bash", "tool_input": {"command": "\xff"}}',
        b'\xef\xbb\xbf{"tool_name": "Bash", "tool_input": {}}',
        b'{"tool_name": "move", "tool_input": ' + b"[" * 51 + b'"states.yaml"' + b"]" * 51 + b"}",
        b'{"tool_name": "Bash", "tool_input": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"tool_name": "Bash", "tool_input": {"command": "' + b"a" * MOST_BYTES + b'"}}',
    ],
    ids=lambda sent: repr(sent[:60]),
)
def test_what_is_no_call_is_refused(sent: bytes) -> None:
    with pytest.raises(NoCallError):
        read_call(sent, "/")


def test_a_character_that_a_reader_does_not_see_hides_nothing(tmp_path: Path) -> None:
    for line in ("ps\u200bql", "\u202epsql", "\uff50sql"):
        assert met(claude(line), tmp_path), line
    assert fold("\ufb01\u200d") == "fi"


@given(
    st.lists(
        st.sampled_from(["psql", "git push", "echo", "'", '"', "$(", ")", "|", ";", "\n", " ", "sh -c ", "x=", "<<E\n", "E\n", "`", "\\", "states.yaml", ">"]),
        max_size=12,
    )
)
@settings(max_examples=400, deadline=None)
def test_no_line_breaks_the_reading_of_it(parts: list[str]) -> None:
    root = Path(os.sep) / "nowhere"
    for words, _plain in met(claude("".join(parts), str(root)), root):
        assert words in {guard.words for guard in GUARDS}


def test_a_line_of_a_million_characters_is_denied_where_it_names_what_is_guarded_and_goes_ahead_where_not(tmp_path: Path) -> None:
    assert met(claude("x" * 1_000_000), tmp_path) == []
    assert met(claude("x " * 500_000 + "psql"), tmp_path) == [("psql", False)]
