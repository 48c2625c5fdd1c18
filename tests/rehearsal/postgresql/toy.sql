--
-- PostgreSQL database dump
--

\restrict toy

-- Dumped from database version 15.18
-- Dumped by pg_dump version 15.18

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;

--
-- Name: older(date); Type: FUNCTION; Schema: public; Owner: registry
--

CREATE FUNCTION public.older(than date) RETURNS bigint
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT CASE WHEN (older.than IS NULL) THEN (0)::bigint ELSE (1)::bigint END AS "case";
END;


ALTER FUNCTION public.older(than date) OWNER TO registry;

CREATE TABLE public.people (
    id integer NOT NULL,
    name text,
    born date
);


ALTER TABLE public.people OWNER TO registry;

CREATE SEQUENCE public.people_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.people_id_seq OWNER TO registry;

ALTER SEQUENCE public.people_id_seq OWNED BY public.people.id;

CREATE TABLE public.visits (
    person integer,
    note text
);


ALTER TABLE public.visits OWNER TO registry;

ALTER TABLE ONLY public.people ALTER COLUMN id SET DEFAULT nextval('public.people_id_seq'::regclass);

--
-- Data for Name: people; Type: TABLE DATA; Schema: public; Owner: registry
--

COPY public.people (id, name, born) FROM stdin;
1	Ann; \\! not a command	1990-01-02
2	Bø	\N
3	'; DROP TABLE people; --	2001-02-03
\.


COPY public.visits (person, note) FROM stdin;
1	first
1	second
\.


SELECT pg_catalog.setval('public.people_id_seq', 3, true);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_person_fkey FOREIGN KEY (person) REFERENCES public.people(id);

GRANT SELECT ON TABLE public.people TO clerk;

--
-- PostgreSQL database dump complete
--

\unrestrict toy

