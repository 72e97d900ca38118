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
