-- When members proved their address and when they were last here; what lists of members and the daily count of tries look for.

ALTER TABLE member ADD COLUMN email_verified_at BIGINT; -- NULL: nobody has proved yet that mail to it is read
ALTER TABLE member ADD COLUMN last_login_at BIGINT;

CREATE INDEX member_of_site ON member (site_id, id);
CREATE INDEX one_time_code_tries ON one_time_code (subject_id, created_at);
