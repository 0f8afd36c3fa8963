-- When a person last signed in to an organization, or came to it from another one of theirs. It is of
-- the membership, so that no organization is told what a person does in others.

ALTER TABLE memberships ADD COLUMN last_signed_in_at BIGINT;
