-- What the salon of stock.sql has besides, as the back-office lists it: a million of each.
UPDATE accounts_user SET name = %(rare_customer)s WHERE userid = %(rare)s;
UPDATE reservations_reservation SET no_show_at = created_at, status = 0 WHERE id %% 5000 = 17 AND status = 4;

INSERT INTO accounts_user (password, userid, type, name, pn, email, joined_at)
SELECT '!', %(boss)s, 4, '사장', '+821099999999', 'boss@example.com', now();

INSERT INTO reservations_move (reservation_id, at, act, by_id, client, door, before, after)
SELECT id, created_at, 'booked', customer_id, '', 'api', '{}', '{}' FROM reservations_reservation;

INSERT INTO cody_site_accesslog (at, by_id, what, subject_id, detail, reason, ip)
SELECT created_at, (SELECT id FROM accounts_user WHERE userid = %(boss)s), 'card', customer_id, '', '', '192.0.2.7'
FROM reservations_reservation;

INSERT INTO accounts_mail (
    user_id, template, message_id, "to", subject, text, html, created_at, due_at, attempts, sent_at, failed_at, last_error
)
SELECT customer_id, 'confirm_address', 'm' || id, 'a@example.com', '예약', '', '', created_at, created_at, 1,
    CASE WHEN id %% 50000 <> 3 THEN created_at END, CASE WHEN id %% 50000 = 3 THEN created_at END, ''
FROM reservations_reservation;

INSERT INTO media_store_photo (
    photoid, uploader_id, filename, content_type, size, sha256, storage_key, created_at, live_at, original_is_clean,
    rendered_at, trashed_at, destroy_after
)
SELECT 'f' || id, customer_id, 'IMG_' || id || '.jpg', 'image/jpeg', 100000, md5(id::text), 'k' || id, created_at,
    created_at, false, created_at, CASE WHEN id %% 5000 = 17 THEN created_at END,
    CASE WHEN id %% 5000 = 17 THEN created_at END
FROM reservations_reservation;

-- A day of a salon with four designers, 40 reservations each, every one with a note, a history, a payment and a photo.
UPDATE accounts_designer SET active = user_id IN (SELECT id FROM accounts_user WHERE userid IN (
    'designer1', 'designer2', 'designer3', 'designer4'
));

INSERT INTO reservations_reservation (
    customer_id, designer_id, date, time, seat, capacity, status, note, overbook_reason, cancel_reason, created_at
)
SELECT (SELECT id FROM accounts_user WHERE userid = 'customer1') + n,
    (SELECT id FROM accounts_user WHERE userid = 'designer1') + n / 40, date %(busy_day)s,
    time '10:00' + n %% 40 / 4 * interval '1 hour' + n %% 2 * interval '30 minutes', 1 + n %% 4, 4, n %% 3,
    '앞머리는 그대로, 염색 상담', '', '', now()
FROM generate_series(0, 159) n;

INSERT INTO reservations_move (reservation_id, at, act, by_id, client, door, before, after)
SELECT id, now() - interval '1 hour', act, customer_id, '', 'api', '{"status": 0}', '{"status": 1}'
FROM reservations_reservation, (VALUES ('booked'), ('changed'), ('changed')) AS acts (act)
WHERE date = %(busy_day)s;

INSERT INTO reservations_clientnote (customer_id, reservation_id, text, by_id, created_at)
SELECT customer_id, CASE WHEN id %% 2 = 0 THEN id END, '두피가 예민합니다.', designer_id, now()
FROM reservations_reservation WHERE date = %(busy_day)s;

INSERT INTO reservations_reservationphoto (reservation_id, photo_id, position)
SELECT row.id, photo.id, 0
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM reservations_reservation WHERE date = %(busy_day)s) row
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM media_store_photo WHERE trashed_at IS NULL LIMIT 160) photo
    USING (n);

INSERT INTO payments_payment (
    payment_uid, imp_uid, payer_id, reservation_id, state, amount, paid_amount, refunded_amount, basket,
    instalment_months, card_number, code, fail_reason, receipt_url, created_at, requested_at, paid_at, alarm, asked
)
SELECT 'R' || lpad(id::text, 16, '0'), 'impr_' || lpad(id::text, 12, '0'), customer_id, id, 'paid', 30000, 30000, 0,
    'r' || id, 0, '5361-4890-****-1704', 0, '', '', now(), now(), now(), '', 0
FROM reservations_reservation WHERE date = %(busy_day)s;
