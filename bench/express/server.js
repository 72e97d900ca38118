// The manual's /reserv on Express and node-postgres, raw SQL by hand: what an owner would pick instead, for `make bench`
// only. Two processes, pooled connections, named (prepared) statements, the same rows, the same bearer-token check by
// one query, the same isolation and constraints; no throttles, no history of who asked, no CSRF, no pages.
import cluster from "node:cluster";
import { createHash } from "node:crypto";

import express from "express";
import pg from "pg";

const PORT = Number(process.env.PORT);
const PROCESSES = Number(process.env.PROCESSES ?? 2);

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const TOKEN = {
  name: "token",
  text: `SELECT t.scope, t.expires > now() AND c.enabled AND (u.id IS NULL OR u.withdrawn_at IS NULL) AS holds, c.scope AS allowed
    FROM oauth2_provider_accesstoken t LEFT JOIN accounts_user u ON u.id = t.user_id
    LEFT JOIN accounts_client c ON c.id = t.application_id WHERE t.token_checksum = $1`,
};
const COLUMNS = `SELECT r.id, customer.userid, r.status, designer.userid AS designerid, to_char(r.date, 'YYYYMMDD') AS date,
    to_char(r.time, 'HH24:MI') AS time, r.note,
    (SELECT COALESCE('["' || string_agg(photoid, '","') || '"]', '[]') FROM (
       SELECT p.photoid FROM reservations_reservationphoto a JOIN media_store_photo p ON p.id = a.photo_id
       WHERE a.reservation_id = r.id AND p.live_at IS NOT NULL AND p.trashed_at IS NULL ORDER BY a.position) shown) AS photoid
  FROM reservations_reservation r JOIN accounts_user customer ON customer.id = r.customer_id
  JOIN accounts_user designer ON designer.id = r.designer_id`;
const ONE = { name: "one", text: `${COLUMNS} WHERE r.trashed_at IS NULL AND r.id = $1` };
const ALL = { name: "all", text: `${COLUMNS} WHERE r.trashed_at IS NULL ORDER BY r.id` };
const FIRST = { name: "first", text: `${ALL.text} LIMIT $1` };

const DESIGNER = {
  name: "designer",
  text: `SELECT d.user_id AS id, d.max_per_hour, d.slot_minutes, d.active FROM accounts_designer d
    JOIN accounts_user u ON u.id = d.user_id WHERE lower(u.userid) = lower($1) AND u.type = 2 AND u.withdrawn_at IS NULL
    FOR NO KEY UPDATE OF d`,
};
const CUSTOMER = {
  name: "customer",
  text: "SELECT id, userid FROM accounts_user WHERE lower(userid) = lower($1) AND withdrawn_at IS NULL FOR NO KEY UPDATE",
};
const OPEN = {
  name: "open",
  text: `SELECT EXISTS (SELECT FROM accounts_workinghours WHERE designer_id = $1 AND weekday = extract(isodow FROM $2::date) - 1
      AND start <= $3::time AND "end" >= $3::time + $4::int * interval '1 minute')
    AND NOT EXISTS (SELECT FROM accounts_timeoff WHERE (designer_id = $1 OR designer_id IS NULL)
      AND starts_at < (($2::date + $3::time) AT TIME ZONE 'Asia/Seoul') + $4::int * interval '1 minute'
      AND ends_at > (($2::date + $3::time) AT TIME ZONE 'Asia/Seoul')) AS open,
    EXISTS (SELECT FROM reservations_reservation WHERE customer_id = $5 AND date = $2::date AND time = $3::time
      AND trashed_at IS NULL) AS doubled,
    ($2::date + $3::time) AT TIME ZONE 'Asia/Seoul' <= now() AS passed,
    ARRAY(SELECT seat FROM reservations_reservation WHERE designer_id = $1 AND date = $2::date
      AND hour = extract(hour FROM $3::time) AND trashed_at IS NULL) AS taken`,
};
const RESERVE = {
  name: "reserve",
  text: `WITH made AS (
      INSERT INTO reservations_reservation (customer_id, designer_id, date, time, seat, capacity, status, note,
        overbook_reason, cancel_reason, created_at)
      VALUES ($1, $2, $3::date, $4::time, $5, $6, 0, $7, '', '', now()) RETURNING id)
    INSERT INTO reservations_move (reservation_id, at, act, client, door, before, after)
    SELECT id, now(), 'booked', $8, 'api', '{}', $9 FROM made RETURNING reservation_id AS id`,
};

function serve() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(express.json({ limit: "1mb" }));
  app.use(async (request, response, next) => {
    const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ");
    const values = [createHash("sha256").update(token).digest("hex")];
    const { rows } = scheme.toLowerCase() === "bearer" ? await pool.query({ ...TOKEN, values }) : { rows: [] };
    if (!rows[0]?.holds) return fail(response, 401, "ERR: Authentication required.");
    const scopes = new Set(rows[0].scope.split(" "));
    const needed = request.method === "GET" ? "reservations:read" : "reservations:write";
    if (!scopes.has(needed) || !rows[0].allowed.split(" ").includes(needed)) return fail(response, 403, "ERR: Permission denied.");
    next();
  });
  app.get("/reserv", async (request, response) => {
    if (request.query.rule === undefined) return fail(response, 404, "Cannot find key 'rule'");
    const rule = request.query.rule === "all" ? null : JSON.parse(request.query.rule);
    const { rows } = await pool.query(
      rule ? { ...ONE, values: [rule.id] } : request.query.limit ? { ...FIRST, values: [Number(request.query.limit)] } : ALL,
    );
    send(response, rows);
  });
  app.post("/reserv", async (request, response) => {
    const { time, id, designer_id: designerId, note = "" } = request.body;
    const found = /^(\d{4})(\d{2})(\d{2})-(\d{2}:\d{2})$/.exec(time);
    if (!found || typeof id !== "string" || typeof designerId !== "string" || note.length > 1000) return fail(response, 400, "ERR: Malformed request.");
    const date = `${found[1]}-${found[2]}-${found[3]}`;
    const client = await pool.connect();
    try {
      for (let attempt = 0; ; attempt += 1) {
        try {
          await client.query("BEGIN");
          const refusal = await reserve(client, date, found[4], id, designerId, note, response);
          await client.query(refusal ? "ROLLBACK" : "COMMIT");
          if (refusal) return fail(response, ...refusal);
          return send(response, { res: true, regInfo: response.locals.regInfo });
        } catch (error) {
          await client.query("ROLLBACK");
          if (!["23505", "40001", "40P01"].includes(error.code)) throw error;
          if (attempt === 3) return fail(response, 409, "ERR: Conflict, try again.");
        }
      }
    } finally {
      client.release();
    }
  });
  app.use((error, request, response, next) => {
    console.error(error);
    fail(response, 500, "ERR: Internal Server Error");
  });
  app.listen(PORT, "127.0.0.1");
}

async function reserve(client, date, time, customerId, designerId, note, response) {
  const [designer] = (await client.query({ ...DESIGNER, values: [designerId] })).rows;
  if (!designer) return [404, "ERR: No such user."];
  const [customer] = (await client.query({ ...CUSTOMER, values: [customerId] })).rows;
  if (!customer) return [404, "ERR: No such user."];
  const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const values = [designer.id, date, time, designer.slot_minutes, customer.id];
  const [there] = (await client.query({ ...OPEN, values })).rows;
  if (there.passed) return [403, "Time passed"];
  if (!designer.active || minutes % designer.slot_minutes || !there.open) return [403, "Not available"];
  if (there.doubled) return [403, "Already reserved user"];
  if (there.taken.length >= designer.max_per_hour) return [403, "max time limitation"];
  let seat = 1;
  while (there.taken.includes(seat)) seat += 1;
  const after = { customer: customer.id, designer: designer.id, date, time, status: 0 };
  const given = [customer.id, designer.id, date, time, seat, designer.max_per_hour, note, "bench", after];
  const [{ id }] = (await client.query({ ...RESERVE, values: given })).rows;
  response.locals.regInfo = { id, user_id: customer.userid, date: date.replaceAll("-", ""), time, designer_id: designerId };
  return null;
}

function send(response, contents) {
  response.type("application/json; charset=utf-8").end(JSON.stringify({ status: 200, contents, errors: null }));
}

function fail(response, status, errors) {
  response.status(status).json({ status, contents: null, errors });
}

if (cluster.isPrimary && PROCESSES > 1) {
  for (let number = 0; number < PROCESSES; number += 1) cluster.fork();
  process.on("SIGTERM", () => process.exit(0));
} else {
  serve();
}
