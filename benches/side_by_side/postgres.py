"""PostgreSQL, asked directly: one prepared transaction a booking, durable as its defaults are, without HTTP."""

import os
import pwd
import re
import shutil
import signal
import time

from servers import Fault, output, postgres_program

SLOTS = 15 * 28 * 14
# About what hallpass keeps sealed of one applicant, in bytes.
SEALED_BYTES = 300

SCHEMA = f"""
CREATE TABLE slot (id int PRIMARY KEY, capacity int NOT NULL, taken int NOT NULL);
INSERT INTO slot SELECT id, 1000000000, 0 FROM generate_series(1, {SLOTS}) AS id;
CREATE TABLE appointment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person bigint NOT NULL, document text NOT NULL,
    slot int NOT NULL, status text NOT NULL, made_at timestamptz NOT NULL, sealed bytea NOT NULL,
    UNIQUE (person, document));
VACUUM ANALYZE slot;
"""
SEALED = f"'\\x{'5a' * SEALED_BYTES}'::bytea"
PERSON = "\\set person random(1, 9223372036854775806)\n"
SLOT = {"spread": f"\\set slot random(1, {SLOTS})\n", "hot": "\\set slot 1\n"}
# The same booking written in two ways. The second asks once instead of four times, so that a wanted slot is locked for a
# shorter time.
FORMS = {
    "four statements":
        "BEGIN;\n"
        "UPDATE slot SET taken = taken + 1 WHERE id = :slot AND taken < capacity;\n"
        "INSERT INTO appointment (person, document, slot, status, made_at, sealed) "
        f"VALUES (:person, 'passport', :slot, 'booked', now(), {SEALED});\n"
        "END;\n",
    "one statement":
        "WITH place AS (UPDATE slot SET taken = taken + 1 WHERE id = :slot AND taken < capacity RETURNING id) "
        "INSERT INTO appointment (person, document, slot, status, made_at, sealed) "
        f"SELECT :person, 'passport', id, 'booked', now(), {SEALED} FROM place;\n",
}


class Postgres:
    """A cluster of its own with the settings of a fresh one, on a socket in its folder."""

    name = "PostgreSQL"
    ways = [(form, clients) for form in FORMS for clients in (32, 64)]

    def __init__(self, stage):
        self.folder = stage.folder / "postgres"
        self.folder.mkdir()
        as_user = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            try:
                user = pwd.getpwnam("postgres")
            except KeyError as error:
                raise Fault("there is no user postgres to run PostgreSQL as") from error
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data = self.folder / "data"
        output([postgres_program("initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C"],
               timeout_s=120, cwd=self.folder, **as_user)
        # SIGINT stops without waiting for those who are still connected.
        self.process = stage.start(
            "postgres-server", [postgres_program("postgres"), "-D", data, "-h", "", "-k", self.folder],
            stop_signal=signal.SIGINT, cwd=self.folder, **as_user)
        self.where = ["-h", self.folder, "-U", "bench"]
        self._until_ready()
        for setting in ("fsync", "synchronous_commit"):
            if self._ask(f"SHOW {setting};").strip() != "on":
                raise Fault(f"PostgreSQL is not durable: {setting} is off")
        self._ask(SCHEMA)

    def _ask(self, statements):
        program = [postgres_program("psql"), *self.where, "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]
        return output(program, timeout_s=60, input=statements)

    def make(self, database):
        """Another database, and its URL."""
        self._ask(f"CREATE DATABASE {database};")
        return f"postgresql://bench@/{database}?host={self.folder}"

    def ask_in(self, database, statements):
        program = [postgres_program("psql"), *self.where, "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1"]
        return output(program, timeout_s=60, input=statements)

    def commit_ms(self, seconds):
        """How long one small commit takes, alone: the median in ms."""
        self._ask("CREATE TABLE IF NOT EXISTS small (number int);")
        return self._run("INSERT INTO small VALUES (1);\n", 1, seconds)[1]

    def _until_ready(self):
        for _ in range(300):
            self.process.must_run()
            try:
                return self._ask("SELECT 1;")
            except Fault:
                time.sleep(0.1)
        raise Fault("PostgreSQL did not become ready")

    def turn(self, case, seconds, way):
        """Bookings a second, the median and the 99th percentile in ms."""
        form, clients = way
        return self._run(PERSON + SLOT[case] + FORMS[form], clients, seconds)

    def _run(self, statements, clients, seconds):
        log = self.folder / "log"
        shutil.rmtree(log, ignore_errors=True)
        log.mkdir()
        script = log / "booking.sql"
        script.write_text(statements)
        printed = output(
            [postgres_program("pgbench"), *self.where, "-n", "-M", "prepared", "-f", script, "-c", clients, "-j", 1,
             "-T", seconds, "--random-seed=time", "-l", "--log-prefix", log / "turn", "postgres"],
            timeout_s=seconds + 60)
        rate = float(re.search(r"^tps = ([\d.]+)", printed, re.MULTILINE).group(1))
        times_us = sorted(int(line.split()[2]) for file in log.glob("turn.*") for line in file.read_text().splitlines())
        failed = int(re.search(r"^number of failed transactions: (\d+)", printed, re.MULTILINE).group(1))
        if failed or not times_us:
            raise Fault(f"pgbench: {failed} transactions failed: {printed}")
        return rate, times_us[len(times_us) // 2] / 1000, times_us[len(times_us) * 99 // 100] / 1000

    def check(self):
        """Every place that was taken belongs to an appointment."""
        taken, made = self._ask("SELECT (SELECT sum(taken) FROM slot), (SELECT count(*) FROM appointment);").split("|")
        if int(taken) != int(made):
            raise Fault(f"PostgreSQL has {taken.strip()} places taken and {made.strip()} appointments")
