-- The people: 20 test accounts of one rare name, who are the oldest; the crew; then everybody else.
INSERT INTO accounts_user (password, userid, type, name, pn, email, joined_at)
SELECT '!', 'tester' || n, 5, %(rare_name)s, '+8270' || (10000000 + n), 'tester' || n || '@example.com', now()
FROM generate_series(1, 20) n;

INSERT INTO accounts_user (password, userid, type, name, pn, email, joined_at)
SELECT '!', userid, 2, '디자이너', '', userid || '@example.com', now()
FROM (SELECT 'designer' || n AS userid FROM generate_series(1, %(designers)s) n UNION ALL SELECT %(former)s) crew;

INSERT INTO accounts_designer (user_id, max_per_hour, slot_minutes, introduction, "order", active)
SELECT id, 4, 30, '', 0, userid <> %(former)s FROM accounts_user WHERE type = 2;

INSERT INTO accounts_workinghours (designer_id, weekday, start, "end")
SELECT user_id, weekday, '09:00', '21:00' FROM accounts_designer, generate_series(0, 6) weekday;

INSERT INTO accounts_user (password, userid, type, name, pn, email, joined_at)
SELECT '!', userid, 1, '손님', '', userid || '@example.com', now()
FROM (VALUES (%(walk_in)s), (%(rare)s)) AS known (userid);

INSERT INTO accounts_user (password, userid, type, name, pn, email, birth, joined_at)
SELECT
    '!', 'customer' || n, 1,
    CASE WHEN n %% 50 = 0 THEN %(common_name)s
         ELSE substr('김이박최정강조윤장임한오서신권황안송류홍', 1 + n %% 20, 1) || '손님' || (n / 20 %% 100) END,
    '+8210' || (20000000 + n), 'customer' || n || '@example.com', date '1960-01-01' + n %% 15000,
    now() - make_interval(mins => %(rows)s - n)
FROM generate_series(1, %(rows)s - (SELECT count(*)::int FROM accounts_user)) n;

-- 20 reservations long ago, of a customer who is gone, with a designer who is gone, at a time of that designer's own.
INSERT INTO reservations_reservation (
    customer_id, designer_id, date, time, seat, capacity, status, note, overbook_reason, cancel_reason, created_at
)
SELECT customer.id, designer.id, date '2015-01-05' + n, '09:15', 1, 4, 3, '', '', '', now()
FROM accounts_user customer, accounts_user designer, generate_series(1, 20) n
WHERE customer.userid = %(rare)s AND designer.userid = %(former)s;

-- Seven in ten of the places of a day (20 designers, 18 half hours, two seats each), day by day. One account for
-- walk-ins has at most one of them at a time; the others go round. What is past is done, 1 in 20 was cancelled.
INSERT INTO reservations_reservation (
    customer_id, designer_id, date, time, seat, capacity, status, note, overbook_reason, cancel_reason, created_at,
    trashed_at
)
SELECT
    CASE WHEN place / 360 = 0 AND place %% 20 = slot THEN (SELECT id FROM accounts_user WHERE userid = %(walk_in)s)
         ELSE (SELECT id FROM accounts_user WHERE userid = 'customer1')
              + (place * 7 + day * 7919) %% (%(customers)s - 100) END,
    (SELECT id FROM accounts_user WHERE userid = 'designer1') + place %% 20,
    at, time '10:00' + slot * interval '30 minutes', 1 + 2 * (slot %% 2) + place / 360, 4,
    CASE WHEN at < %(today)s THEN 4 WHEN at = %(today)s THEN 2 ELSE place %% 10 / 9 END,
    CASE WHEN n %% 4 = 0 THEN '앞머리는 그대로, 염색 상담' ELSE '' END, '', '', at - interval '7 days',
    CASE WHEN n %% 20 = 7 THEN at - interval '2 days' END
FROM (
    SELECT n, n / 720 AS day, n %% 720 AS place, n %% 720 / 20 %% 18 AS slot,
           %(last_day)s - ((%(rows)s / 504) - n / 720) AS at
    FROM generate_series(0, %(rows)s * 3 / 2) n
    WHERE hashint4(n) & 1023 < 717
    ORDER BY n
    LIMIT %(rows)s - 20
) places;

-- A post for ten reservations, with two comments each.
INSERT INTO board_post (postid, author_id, title, cont, created_at)
SELECT
    'p' || lpad(n::text, 15, '0'), (SELECT id FROM accounts_user WHERE userid = 'customer1') + n %% 1000,
    '머리 이야기 ' || n, repeat('앞머리는 그대로 두고 층만 냈어요. ', 10), now() - make_interval(mins => %(rows)s / 10 - n)
FROM generate_series(1, %(rows)s / 10) n;

INSERT INTO board_comment (commid, post_id, author_id, title, cont, created_at, left_out)
SELECT 'c' || n || lpad(post.id::text, 14, '0'), post.id, post.author_id, '답', '잘 어울리세요', post.created_at, false
FROM board_post post, generate_series(1, 2) n;

-- A product for ten payments; one in four is of one name.
INSERT INTO payments_product (name, price, description, on_sale)
SELECT
    CASE WHEN n <= 20 THEN %(rare_product)s WHEN n %% 4 = 0 THEN %(product)s ELSE '상품 ' || n END,
    10000 + n %% 9 * 10000, '30분 동안 얼굴형과 모질을 함께 봅니다.', n <= 20 OR n %% 20 <> 7
FROM generate_series(1, %(rows)s / 10) n;

-- Payments, without what was bought, which no list tells: 20 long ago that failed, of a customer who is gone; then one in
-- twenty of the walk-ins', one in twenty given back; and of the last 20 IMP has not told yet what became of them.
-- Their payers are there: to look each up again (a foreign key's trigger) takes as long as to write the payments.
SET session_replication_role = replica;
INSERT INTO payments_payment (
    payment_uid, imp_uid, payer_id, state, amount, paid_amount, refunded_amount, basket, instalment_months, card_number,
    code, fail_reason, receipt_url, created_at, requested_at, paid_at, alarm, asked
)
SELECT
    'P' || lpad(n::text, 16, '0'), CASE WHEN charged THEN 'imps_' || lpad(n::text, 12, '0') ELSE '' END,
    CASE WHEN n <= 20 THEN (SELECT id FROM accounts_user WHERE userid = %(rare)s)
         WHEN n %% 20 = 3 THEN (SELECT id FROM accounts_user WHERE userid = %(walk_in)s)
         ELSE (SELECT id FROM accounts_user WHERE userid = 'customer1') + (n * 7) %% (%(customers)s - 100) END,
    state, 30000, CASE WHEN charged THEN 30000 ELSE 0 END, CASE WHEN state = 'cancelled' THEN 30000 ELSE 0 END,
    n::text, 0, '5361-4890-****-1704', CASE WHEN state = 'failed' THEN -1 ELSE 0 END,
    CASE WHEN state = 'failed' THEN '결제승인에 실패하였습니다. [2116]개인 월 한도금액 초과' ELSE '' END, '',
    at, at, CASE WHEN charged THEN at END, '', 0
FROM (
    SELECT n, state, state IN ('paid', 'cancelled') AS charged, now() - make_interval(mins => %(rows)s - n) AS at
    FROM generate_series(1, %(rows)s) n, LATERAL (
        SELECT CASE WHEN n <= 20 THEN 'failed' WHEN n > %(rows)s - 20 THEN 'pending'
                    WHEN n %% 20 = 7 THEN 'cancelled' ELSE 'paid' END AS state
    ) told
) payments;
SET session_replication_role = DEFAULT;
