-- Schema 3: slots that are not there are made before anything is locked, and the search for an applicant's active appointment
-- cannot be planned as a hash of the whole table.
--
-- Schema 2 locked slots, and then made those that lacked: two batches that did so in different slots waited for each other
-- until the database ended one of them. The tables are as they were, so instances that know schema 2 go on until they are
-- started again.

-- Writes a batch of entries, and gives a verdict for each:
--   0 written, 1 a slot is full, 2 the booker has made too many, 3 an appointment was changed by another,
--   4 the key of the answer is known, 5 the slot is new and the instance has another configuration than is in force,
--   16 and more: the applicant at this position, less 16, has an active appointment for the document.
-- None at all where the batch was given up before. A batch that is written already gives its verdicts again.
--
-- Everything is locked in one order, the same for every batch: the store, slots that are made, appointments by id, slots by
-- key. If a batch meets another's unique key, it fails whole with a unique violation, and is to be sent again, not plain.
--
-- An appointment that was served or a no-show, and is active again by a change, claims its person and a share anew, as a
-- new one does.
--
-- A *plain* batch has nothing but new appointments without keys. Of them the instance has judged persons and shares from
-- its memory already, and the unique keys hold them against what it does not know yet; so only places are judged here.
CREATE OR REPLACE FUNCTION hallpass.commit(
    p_batch uuid, p_origin uuid, p_number bigint, p_configuration text, p_is_plain boolean,
    -- One element an entry: its stored form; the key, the instant and the stored form of its answer, where it has a key.
    e_body bytea[], e_key uuid[], e_at timestamptz[], e_answer bytea[],
    -- One element an appointment, entry by entry. `a_share` is the share of the booker that is free as far as the
    -- instance knows, `a_max` how many the booker may have made; `a_slot` the number of the slot, none where the
    -- appointment takes no place; `a_sealed` what is added to the sealed data, where that is anything.
    a_entry integer[], a_position integer[], a_max integer[], a_slot integer[],
    a_id uuid[], a_revision integer[], a_status text[], a_applicant uuid[], a_document text[], a_made_by uuid[],
    a_share integer[], a_hall text[], a_date date[], a_lane text[], a_starts smallint[], a_ends smallint[],
    a_body bytea[], a_sealed bytea[],
    -- One element a slot, with the capacity that the instance knows, and how many places the batch wants there.
    s_hall text[], s_date date[], s_lane text[], s_starts smallint[], s_ends smallint[], s_capacity integer[],
    s_places integer[]
) RETURNS smallint[] LANGUAGE plpgsql
-- The tables are reached by their keys alone, however small they look: a plan is made once and kept.
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_mergejoin = off SET enable_hashjoin = off
AS $$
DECLARE
    in_force text;
    verdicts smallint[];
    -- Of each slot how many places are left, and where its row is. A slot that is not there has neither.
    free integer[];
    rows_of_slots tid[];
    shares integer[] := a_share;
    known boolean[];
    changed integer;
    has_changes boolean := NOT p_is_plain AND 0 < ANY (a_revision);
    has_room boolean := false;
BEGIN
    SELECT j.verdicts INTO verdicts FROM hallpass.journal j WHERE j.batch = p_batch;
    IF FOUND THEN
        -- It may be here and not yet at the standby that is waited for: whoever writes after it waits for it too.
        UPDATE hallpass.journal j SET number = j.number WHERE j.batch = p_batch;
        RETURN verdicts;
    END IF;
    -- Shared by all who write, and taken alone by who puts a configuration in force: a queue in which nobody is overtaken.
    PERFORM pg_advisory_xact_lock_shared(7521962890172527731);
    SELECT s.configuration INTO in_force FROM hallpass.store s WHERE s.one;

    IF p_is_plain THEN
        -- As a rule there is room for all of them, and nobody needs to be told who came first.
        BEGIN
            UPDATE hallpass.slots t SET taken = t.taken + s.places
            FROM (
                SELECT * FROM unnest(s_hall, s_date, s_lane, s_starts, s_ends, s_places)
                    AS s (hall, date, lane, starts, ends, places)
                -- By bytes, as the columns are compared, whatever the collation of the database is.
                ORDER BY s.hall COLLATE "C", s.date, s.lane COLLATE "C", s.starts, s.ends
            ) AS s
            WHERE (t.hall, t.date, t.lane, t.starts, t.ends) = (s.hall, s.date, s.lane, s.starts, s.ends)
                AND t.taken + s.places <= t.capacity;
            GET DIAGNOSTICS changed = ROW_COUNT;
            IF changed <> cardinality(s_hall) THEN
                RAISE EXCEPTION USING ERRCODE = 'HP001';
            END IF;
            has_room := true;
            verdicts := array_fill(0::smallint, ARRAY[cardinality(e_body)]);
        EXCEPTION WHEN SQLSTATE 'HP001' THEN
            NULL; -- Nothing has been taken, and nothing is locked.
        END;
    END IF;
    IF NOT has_room THEN
        -- Slots that are not there are made before anything is locked: a batch that waits for one of them, since another
        -- batch is making it, must hold nothing for which that one waits. An instance with another configuration does
        -- not know how many places they have.
        IF in_force IS NOT DISTINCT FROM p_configuration THEN
            INSERT INTO hallpass.slots (hall, date, lane, starts, ends, capacity)
            SELECT s.* FROM unnest(s_hall, s_date, s_lane, s_starts, s_ends, s_capacity)
                AS s (hall, date, lane, starts, ends, capacity)
            WHERE NOT EXISTS (
                SELECT FROM hallpass.slots t
                WHERE (t.hall, t.date, t.lane, t.starts, t.ends) = (s.hall, s.date, s.lane, s.starts, s.ends))
            ORDER BY s.hall COLLATE "C", s.date, s.lane COLLATE "C", s.starts, s.ends
            ON CONFLICT DO NOTHING;
        END IF;
        IF has_changes THEN
            PERFORM FROM hallpass.appointments o WHERE o.id = ANY (a_id) ORDER BY o.id FOR UPDATE;
            -- The slots that are left and those that are gone to, in one order.
            PERFORM FROM (
                SELECT s.hall, s.date, s.lane, s.starts, s.ends
                FROM unnest(s_hall, s_date, s_lane, s_starts, s_ends) AS s (hall, date, lane, starts, ends)
                UNION
                SELECT o.hall, o.date, o.lane, o.starts, o.ends FROM hallpass.appointments o WHERE o.id = ANY (a_id)
            ) AS s, hallpass.slots t
            WHERE (t.hall, t.date, t.lane, t.starts, t.ends) = (s.hall, s.date, s.lane, s.starts, s.ends)
            ORDER BY t.hall, t.date, t.lane, t.starts, t.ends FOR UPDATE OF t;
        END IF;
        SELECT array_agg(l.free ORDER BY l.number), array_agg(l.ctid ORDER BY l.number) INTO free, rows_of_slots FROM (
            SELECT s.number, t.capacity - t.taken AS free, t.ctid
            FROM unnest(s_hall, s_date, s_lane, s_starts, s_ends) WITH ORDINALITY
                AS s (hall, date, lane, starts, ends, number), hallpass.slots t
            WHERE (t.hall, t.date, t.lane, t.starts, t.ends) = (s.hall, s.date, s.lane, s.starts, s.ends)
            ORDER BY t.hall, t.date, t.lane, t.starts, t.ends FOR UPDATE OF t
        ) AS l;
        IF coalesce(cardinality(free), 0) <> cardinality(s_hall) THEN
            SELECT array_agg(l.free ORDER BY l.number) INTO free FROM (
                SELECT s.number, (
                    SELECT t.capacity - t.taken FROM hallpass.slots t
                    WHERE (t.hall, t.date, t.lane, t.starts, t.ends) = (s.hall, s.date, s.lane, s.starts, s.ends)) AS free
                FROM unnest(s_hall, s_date, s_lane, s_starts, s_ends) WITH ORDINALITY
                    AS s (hall, date, lane, starts, ends, number)
            ) AS l;
            rows_of_slots := NULL;
        END IF;

        -- Whoever comes first in the batch is served first; an entry that is refused for another reason takes no place.
        IF p_is_plain THEN
            SELECT array_agg(
                (CASE WHEN c.free IS NULL THEN 5 WHEN c.wanted > c.free THEN 1 ELSE 0 END)::smallint ORDER BY c.entry)
            INTO verdicts FROM (
                SELECT e.entry, free[e.slot] AS free, sum(e.places) OVER (PARTITION BY e.slot ORDER BY e.entry) AS wanted
                FROM (
                    SELECT a.entry, max(a.slot) AS slot, count(*) AS places
                    FROM unnest(a_entry, a_slot) AS a (entry, slot) GROUP BY a.entry
                ) AS e
            ) AS c;
        ELSE
            SELECT array_agg(e.key IS NOT NULL AND EXISTS (
                SELECT FROM hallpass.answers k WHERE k.key = e.key AND k.at > e.at - interval '24 hours') ORDER BY e.number)
            INTO known FROM unnest(e_key, e_at) WITH ORDINALITY AS e (key, at, number);
            WITH one AS MATERIALIZED (
                SELECT a.*,
                    a.revision > 0 AND (SELECT o.revision FROM hallpass.appointments o WHERE o.id = a.id)
                        IS DISTINCT FROM a.revision - 1 AS is_outdated,
                    -- No EXISTS: while the table is empty that may be planned as a hash of all of it, and the plan is kept.
                    a.claims AND (
                        SELECT true FROM hallpass.appointments o
                        WHERE o.active AND o.applicant = a.applicant AND o.document = a.document LIMIT 1) IS NOT NULL
                        AS is_claimed,
                    -- The shares that are taken, and how many of this batch come before.
                    CASE WHEN a.claims THEN ARRAY (
                        SELECT o.share FROM hallpass.appointments o WHERE o.active AND o.made_by = a.made_by) END AS taken,
                    row_number() OVER (PARTITION BY a.made_by, a.claims ORDER BY a.number)::integer AS nth,
                    a.slot IS NOT NULL AND (a.revision = 0 OR NOT EXISTS (
                        SELECT FROM hallpass.appointments o WHERE o.id = a.id
                            AND (o.hall, o.date, o.lane, o.starts, o.ends) = (a.hall, a.date, a.lane, a.starts, a.ends)
                            AND o.status NOT IN ('expired', 'cancelled'))) AS takes
                FROM (
                    -- Whether it claims anew: it is new, or active again. The row of what is changed is locked.
                    SELECT u.*, u.revision = 0 OR u.status IN ('held', 'booked', 'checked_in') AND EXISTS (
                        SELECT FROM hallpass.appointments o WHERE o.id = u.id AND NOT o.active) AS claims
                    FROM unnest(a_entry, a_position, a_id, a_revision, a_status, a_applicant, a_document, a_made_by, a_max,
                            a_slot, a_hall, a_date, a_lane, a_starts, a_ends) WITH ORDINALITY
                        AS u (entry, position, id, revision, status, applicant, document, made_by, max, slot,
                            hall, date, lane, starts, ends, number)
                ) AS a
            ), judged AS (
                SELECT a.entry,
                    CASE
                        WHEN known[a.entry] THEN 4
                        WHEN bool_or(a.is_outdated) THEN 3
                        WHEN bool_or(a.is_claimed) THEN 16 + min(a.position) FILTER (WHERE a.is_claimed)
                        WHEN bool_or(cardinality(a.taken) + a.nth > a.max) THEN 2
                        WHEN bool_or(a.takes AND free[a.slot] IS NULL) THEN 5
                        ELSE 0
                    END AS verdict,
                    max(a.slot) FILTER (WHERE a.takes) AS slot,
                    count(*) FILTER (WHERE a.takes) AS places
                FROM (
                    SELECT entry, position, is_outdated, is_claimed, taken, nth, max, slot, takes FROM one
                    UNION ALL
                    -- An entry may have no appointment at all.
                    SELECT n, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM generate_series(1, cardinality(e_body)) AS n
                ) AS a
                GROUP BY a.entry
            ), counted AS (
                SELECT entry, verdict, CASE WHEN slot IS NULL THEN 0 ELSE
                    sum(CASE WHEN verdict = 0 THEN places ELSE 0 END) OVER (PARTITION BY slot ORDER BY entry) - free[slot]
                END AS beyond
                FROM judged
            )
            SELECT
                (SELECT array_agg((CASE WHEN c.verdict = 0 AND c.beyond > 0 THEN 1 ELSE c.verdict END)::smallint
                    ORDER BY c.entry) FROM counted c),
                (SELECT array_agg(CASE
                        WHEN NOT a.claims THEN NULL
                        WHEN cardinality(a.taken) = 0 THEN a.nth - 1
                        -- Among the first so many there are as many free ones as this batch can want.
                        ELSE (SELECT n FROM generate_series(0, cardinality(a.taken) + a.nth - 1) AS n
                            WHERE n <> ALL (a.taken) ORDER BY n OFFSET a.nth - 1 LIMIT 1)
                    END ORDER BY a.number) FROM one a)
            INTO verdicts, shares;
        END IF;
    END IF;

    IF 0 = ANY (verdicts) THEN
        IF has_room THEN
            NULL; -- They are taken already.
        ELSIF has_changes OR rows_of_slots IS NULL THEN
            -- The old places of what is changed are given back in the same step in which the new ones are taken.
            UPDATE hallpass.slots t
            SET taken = t.taken + d.places, overhang = greatest(0, least(t.overhang, t.taken + d.places - t.capacity))
            FROM (
                SELECT hall, date, lane, starts, ends, sum(places) AS places FROM (
                    SELECT a.hall, a.date, a.lane, a.starts, a.ends, 1 AS places
                    FROM unnest(a_entry, a_slot, a_hall, a_date, a_lane, a_starts, a_ends)
                        AS a (entry, slot, hall, date, lane, starts, ends)
                    WHERE a.slot IS NOT NULL AND verdicts[a.entry] = 0
                    UNION ALL
                    SELECT o.hall, o.date, o.lane, o.starts, o.ends, -1
                    FROM unnest(a_entry, a_id, a_revision) AS a (entry, id, revision), hallpass.appointments o
                    WHERE a.revision > 0 AND verdicts[a.entry] = 0 AND o.id = a.id
                        AND o.status NOT IN ('expired', 'cancelled')
                ) AS every GROUP BY hall, date, lane, starts, ends HAVING sum(places) <> 0
            ) AS d
            WHERE (t.hall, t.date, t.lane, t.starts, t.ends) = (d.hall, d.date, d.lane, d.starts, d.ends);
        ELSE
            UPDATE hallpass.slots t
            SET taken = t.taken + d.places, overhang = greatest(0, least(t.overhang, t.taken + d.places - t.capacity))
            FROM (
                SELECT rows_of_slots[a.slot] AS row, count(*)::integer AS places
                FROM unnest(a_entry, a_slot) AS a (entry, slot) WHERE verdicts[a.entry] = 0 AND a.slot IS NOT NULL
                GROUP BY a.slot
            ) AS d
            WHERE t.ctid = d.row;
            GET DIAGNOSTICS changed = ROW_COUNT;
            IF changed <> (SELECT count(DISTINCT a.slot) FROM unnest(a_entry, a_slot) AS a (entry, slot)
                WHERE verdicts[a.entry] = 0) THEN
                RAISE EXCEPTION 'a slot has changed under its lock' USING ERRCODE = 'serialization_failure';
            END IF;
        END IF;
        IF has_changes THEN
            UPDATE hallpass.appointments o
            SET revision = a.revision, status = a.status, body = a.body, share = coalesce(a.share, o.share),
                sealed = CASE WHEN a.sealed IS NULL THEN o.sealed ELSE o.sealed || a.sealed END,
                hall = a.hall, date = a.date, lane = a.lane, starts = a.starts, ends = a.ends
            FROM unnest(a_entry, a_id, a_revision, a_status, shares,
                    a_hall, a_date, a_lane, a_starts, a_ends, a_body, a_sealed)
                AS a (entry, id, revision, status, share, hall, date, lane, starts, ends, body, sealed)
            WHERE a.revision > 0 AND verdicts[a.entry] = 0 AND o.id = a.id;
        END IF;
        INSERT INTO hallpass.appointments
            (id, revision, status, applicant, document, made_by, share, hall, date, lane, starts, ends, body, sealed)
        SELECT a.id, 0, a.status, a.applicant, a.document, a.made_by, a.share,
            a.hall, a.date, a.lane, a.starts, a.ends, a.body, array_remove(ARRAY[a.sealed], NULL)
        FROM unnest(a_entry, a_id, a_revision, a_status, a_applicant, a_document, a_made_by, shares,
                a_hall, a_date, a_lane, a_starts, a_ends, a_body, a_sealed)
            AS a (entry, id, revision, status, applicant, document, made_by, share,
                hall, date, lane, starts, ends, body, sealed)
        WHERE a.revision = 0 AND verdicts[a.entry] = 0
        ORDER BY a.applicant, a.document COLLATE "C";
        IF NOT p_is_plain THEN
            DELETE FROM hallpass.answers k USING unnest(e_key, e_at) WITH ORDINALITY AS e (key, at, entry)
            WHERE verdicts[e.entry] = 0 AND k.key = e.key AND k.at <= e.at - interval '24 hours';
            INSERT INTO hallpass.answers (key, at, body)
            SELECT e.key, e.at, e.answer FROM unnest(e_key, e_at, e_answer) WITH ORDINALITY AS e (key, at, answer, entry)
            WHERE e.key IS NOT NULL AND verdicts[e.entry] = 0
            ORDER BY e.key;
        END IF;
    END IF;
    -- Last of all, so that whatever this batch had to wait for has a smaller number.
    INSERT INTO hallpass.journal (batch, origin, number, verdicts, bodies)
    VALUES (p_batch, p_origin, p_number, verdicts, ARRAY (
        SELECT e.body FROM unnest(e_body) WITH ORDINALITY AS e (body, entry) WHERE verdicts[e.entry] = 0 ORDER BY e.entry));
    PERFORM hallpass.tell_others(p_origin);
    RETURN verdicts;
END
$$;
