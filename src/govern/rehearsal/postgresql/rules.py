"""How each system catalog counts in a state: what a row is named after, what is left out, and what is spelled otherwise.

Data for `catalogs`. A column without a rule here is taken as it is; an OID is resolved into the name of what it refers to, as
the server says of its own catalogs; so a catalog or column of a later version counts before anyone has written a rule.
In expressions `r` is the row.
"""
# ruff: noqa: S608 - parts of queries, of constants only

from collections.abc import Mapping
from typing import NamedTuple


class Rule(NamedTuple):
    """What a row of a catalog is named after.

    `named` are the arguments of `pg_identify_object`, or, without commas, the name itself; `key` is the column whose number
    tells built-in rows from others; `relation` the column that may lead to a temporary or TOAST table; `where` which rows count.
    """

    named: str = "r.tableoid, r.oid, 0"
    key: str = "oid"
    relation: str = ""
    prefix: str = ""
    where: str = "true"


CLASS = "'pg_class'::regclass"
_CURRENT = "(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
_OWNED_SEQUENCE = (
    f"r.deptype IN ('a', 'i') AND r.classid = {CLASS} AND r.refclassid = {CLASS} AND r.refobjsubid > 0 "
    "AND r.objid IN (SELECT oid FROM pg_catalog.pg_class WHERE relkind = 'S')"
)

SCHEMA: Mapping[str, Rule] = {
    "pg_aggregate": Rule("'pg_proc'::regclass, r.aggfnoid, 0", "aggfnoid"),
    "pg_am": Rule(),
    "pg_amop": Rule(),
    "pg_amproc": Rule(),
    "pg_attrdef": Rule(relation="adrelid"),
    "pg_attribute": Rule(f"{CLASS}, r.attrelid, r.attnum", "attrelid", "attrelid", where="NOT r.attisdropped AND (r.attnum > 0 OR r.attacl IS NOT NULL)"),
    "pg_cast": Rule(),
    "pg_class": Rule(relation="oid"),
    "pg_collation": Rule(),
    "pg_constraint": Rule(relation="conrelid"),
    "pg_conversion": Rule(),
    "pg_default_acl": Rule(),
    "pg_depend": Rule("r.classid, r.objid, r.objsubid", "objid", "objid", where=f"(r.deptype IN ('e', 'x') OR {_OWNED_SEQUENCE})"),
    "pg_description": Rule("r.classoid, r.objoid, r.objsubid", "objoid", "objoid", "comment on "),
    "pg_enum": Rule("'pg_type'::regclass, r.enumtypid, 0", "enumtypid"),
    "pg_event_trigger": Rule(),
    "pg_extension": Rule(),
    "pg_foreign_data_wrapper": Rule(),
    "pg_foreign_server": Rule(),
    "pg_foreign_table": Rule(f"{CLASS}, r.ftrelid, 0", "ftrelid", "ftrelid"),
    "pg_index": Rule(f"{CLASS}, r.indexrelid, 0", "indexrelid", "indexrelid"),
    "pg_inherits": Rule(f"{CLASS}, r.inhrelid, 0", "inhrelid", "inhrelid"),
    "pg_init_privs": Rule("r.classoid, r.objoid, r.objsubid", "objoid", "objoid", "initial privileges of "),
    "pg_language": Rule(),
    "pg_namespace": Rule(where="r.oid NOT IN (SELECT oid FROM fleeting)"),
    "pg_opclass": Rule(),
    "pg_operator": Rule(),
    "pg_opfamily": Rule(),
    "pg_partitioned_table": Rule(f"{CLASS}, r.partrelid, 0", "partrelid", "partrelid"),
    "pg_policy": Rule(relation="polrelid"),
    "pg_proc": Rule(),
    "pg_publication": Rule(),
    "pg_publication_namespace": Rule(),
    "pg_publication_rel": Rule(),
    "pg_range": Rule("'pg_type'::regclass, r.rngtypid, 0", "rngtypid"),
    # The rule of a view is the view.
    "pg_rewrite": Rule(
        f"CASE r.rulename WHEN '_RETURN' THEN {CLASS} ELSE r.tableoid END, CASE r.rulename WHEN '_RETURN' THEN r.ev_class ELSE r.oid END, 0",
        relation="ev_class",
    ),
    "pg_seclabel": Rule("r.classoid, r.objoid, r.objsubid", "objoid", "objoid", "security label of "),
    "pg_sequence": Rule(f"{CLASS}, r.seqrelid, 0", "seqrelid", "seqrelid"),
    "pg_statistic_ext": Rule(relation="stxrelid"),
    "pg_subscription": Rule(where=f"r.subdbid = {_CURRENT}"),
    "pg_subscription_rel": Rule(f"{CLASS}, r.srrelid, 0", "srrelid", "srrelid"),
    "pg_transform": Rule(),
    # The triggers of a foreign key have a number in their name: they belong to the constraint.
    "pg_trigger": Rule(
        "CASE WHEN r.tgisinternal AND r.tgconstraint <> 0 THEN 'pg_constraint'::regclass ELSE r.tableoid END, "
        "CASE WHEN r.tgisinternal AND r.tgconstraint <> 0 THEN r.tgconstraint ELSE r.oid END, 0",
        relation="tgrelid",
    ),
    "pg_ts_config": Rule(),
    "pg_ts_config_map": Rule("'pg_ts_config'::regclass, r.mapcfg, 0", "mapcfg"),
    "pg_ts_dict": Rule(),
    "pg_ts_parser": Rule(),
    "pg_ts_template": Rule(),
    "pg_type": Rule(),
    "pg_user_mapping": Rule(),
}
GLOBALS: Mapping[str, Rule] = {
    "pg_auth_members": Rule("'membership of ' || r.member::regrole || ' in ' || r.roleid::regrole", ""),
    "pg_authid": Rule(key=""),
    "pg_database": Rule(key="", where=f"r.oid <> {_CURRENT}"),
    "pg_db_role_setting": Rule("'settings of role ' || r.setrole::regrole", "", where=f"r.setdatabase <> {_CURRENT}"),
    "pg_parameter_acl": Rule("'parameter ' || r.parname", ""),
    # Those of subscriptions have a number for a name.
    "pg_replication_origin": Rule("'replication origin ' || r.roname", "", where="r.roname !~ '^pg_[0-9]+$'"),
    "pg_shdescription": Rule("r.classoid, r.objoid, 0", "", prefix="comment on ", where=f"r.objoid <> {_CURRENT}"),
    "pg_shseclabel": Rule("r.classoid, r.objoid, 0", "", prefix="security label of ", where=f"r.objoid <> {_CURRENT}"),
    "pg_tablespace": Rule(key=""),
}
DATABASE: Mapping[str, Rule] = {
    "pg_database": Rule("'the database'", "", where=f"r.oid = {_CURRENT}"),
    "pg_db_role_setting": Rule(
        "'settings of ' || CASE r.setrole WHEN 0 THEN 'the database' ELSE 'role ' || r.setrole::regrole || ' in the database' END",
        "",
        where=f"r.setdatabase = {_CURRENT}",
    ),
    "pg_shdescription": Rule("'comment on the database'", "", where=f"r.objoid = {_CURRENT} AND r.classoid = 'pg_database'::regclass"),
    "pg_shseclabel": Rule("'security label of the database'", "", where=f"r.objoid = {_CURRENT} AND r.classoid = 'pg_database'::regclass"),
}
# Not definitions: statistics of the planner, what follows from other catalogs, and large objects, which are a component.
IGNORED = frozenset({"pg_statistic", "pg_statistic_ext_data", "pg_shdepend", "pg_largeobject", "pg_largeobject_metadata"})

# Kept lazily, of how something is stored, or derived from what counts elsewhere.
LEFT_OUT: Mapping[str, str] = {
    "pg_attrdef": "adnum",
    "pg_attribute": "attalign attbyval attcacheoff atthasmissing attisdropped attlen attmissingval attndims attnum",
    "pg_class": "relallfrozen relallvisible relchecks relfilenode relfrozenxid relhasindex relhasrules relhassubclass relhastriggers relminmxid relpages relrewrite reltuples",
    "pg_constraint": "confdelsetcols confkey conkey",
    "pg_database": "datfrozenxid dathasloginevt datlastsysoid datminmxid",
    "pg_depend": "objid objsubid refobjsubid",
    "pg_description": "objoid objsubid",
    "pg_index": "indcheckxmin indclass indcollation indexprs indkey indnatts indoption indpred",
    "pg_init_privs": "objoid objsubid",
    "pg_partitioned_table": "partattrs partclass partcollation partexprs",
    "pg_replication_origin": "roident",
    "pg_rewrite": "ev_qual",
    "pg_seclabel": "objoid objsubid",
    "pg_shdescription": "objoid",
    "pg_shseclabel": "objoid",
    "pg_statistic_ext": "stxexprs",
    "pg_subscription": "subskiplsn",
    "pg_subscription_rel": "srsublsn",
    "pg_trigger": "tgargs tgattr tgqual",
    "pg_type": "typdefaultbin",
}
# `govern_` begins the names of the rehearsal's own roles. Their passwords, and the first superuser's, are new in every cluster.
_OWN_ROLE = "r.oid = 10 OR starts_with(r.rolname::text, 'govern_')"
_COLUMNS = "ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)"
# What stands in place of a column.
EXPRESSIONS: Mapping[str, str] = {
    "pg_attrdef.adbin": "pg_get_expr(r.adbin, r.adrelid)",
    "pg_attribute.atttypmod": "format_type(r.atttypid, r.atttypmod)",
    "pg_authid.rolpassword": f"CASE WHEN {_OWN_ROLE} THEN NULL ELSE r.rolpassword END",
    # The order of the columns is the table's: a column that moved would make every later one differ.
    "pg_class.relnatts": _COLUMNS,
    "pg_class.relpartbound": "pg_get_expr(r.relpartbound, r.oid)",
    # A TOAST table stays when the column that needed it goes; its options are the table's.
    "pg_class.reltoastrelid": '(SELECT ARRAY(SELECT o FROM unnest(t.reloptions) o ORDER BY o COLLATE "C") FROM pg_catalog.pg_class t '
    "WHERE t.oid = r.reltoastrelid AND t.reloptions IS NOT NULL)",
    "pg_constraint.conbin": "pg_get_constraintdef(r.oid)",
    "pg_database.datname": f"CASE WHEN r.oid <> {_CURRENT} THEN r.datname END",
    "pg_db_role_setting.setdatabase": f"CASE WHEN r.setdatabase <> {_CURRENT} THEN (pg_identify_object('pg_database'::regclass, r.setdatabase, 0)).identity END",
    "pg_depend.refobjid": "(pg_identify_object(r.refclassid, r.refobjid, r.refobjsubid)).identity",
    "pg_enum.enumsortorder": "rank() OVER (PARTITION BY r.enumtypid ORDER BY r.enumsortorder)",
    "pg_index.indrelid": "pg_get_indexdef(r.indexrelid)",
    "pg_partitioned_table.partnatts": "pg_get_partkeydef(r.partrelid)",
    "pg_policy.polqual": "pg_get_expr(r.polqual, r.polrelid)",
    "pg_policy.polroles": 'ARRAY(SELECT e::regrole::text FROM unnest(r.polroles) e ORDER BY e::regrole::text COLLATE "C")',
    "pg_policy.polwithcheck": "pg_get_expr(r.polwithcheck, r.polrelid)",
    "pg_proc.proargdefaults": "pg_get_expr(r.proargdefaults, 0)",
    "pg_proc.prosqlbody": "pg_get_function_sqlbody(r.oid)",
    "pg_publication_rel.prattrs": "ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a "
    'WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[]) ORDER BY a.attname COLLATE "C")',
    "pg_publication_rel.prqual": "pg_get_expr(r.prqual, r.prrelid)",
    "pg_rewrite.ev_action": "pg_get_ruledef(r.oid)",
    "pg_statistic_ext.stxkeys": "pg_get_statisticsobjdef(r.oid)",
    "pg_tablespace.spcoptions": "pg_tablespace_location(r.oid) || coalesce(r.spcoptions::text, '')",
    "pg_trigger.tgname": "CASE WHEN NOT r.tgisinternal THEN pg_get_triggerdef(r.oid) END",
    "pg_trigger.tgparentid": "r.tgparentid <> 0",
}
# Lists whose order means nothing, and changes when an entry is taken out and put back.
SETS: Mapping[str, str] = {
    "pg_attribute": "attfdwoptions attoptions",
    "pg_class": "reloptions",
    "pg_db_role_setting": "setconfig",
    "pg_event_trigger": "evttags",
    "pg_foreign_data_wrapper": "fdwoptions",
    "pg_foreign_server": "srvoptions",
    "pg_foreign_table": "ftoptions",
    "pg_proc": "proconfig",
    "pg_subscription": "subpublications",
    "pg_user_mapping": "umoptions",
}
# The privileges that an object has while none were ever granted: GRANT and REVOKE leave these, written out.
DEFAULT_PRIVILEGES: Mapping[str, str] = {
    "pg_class.relacl": "acldefault(CASE r.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END, r.relowner)",
    "pg_database.datacl": "acldefault('d', r.datdba)",
    "pg_foreign_data_wrapper.fdwacl": "acldefault('F', r.fdwowner)",
    "pg_foreign_server.srvacl": "acldefault('S', r.srvowner)",
    "pg_language.lanacl": "acldefault('l', r.lanowner)",
    "pg_namespace.nspacl": "acldefault('n', r.nspowner)",
    "pg_proc.proacl": "acldefault('f', r.proowner)",
    "pg_tablespace.spcacl": "acldefault('t', r.spcowner)",
    "pg_type.typacl": "acldefault('T', r.typowner)",
}
