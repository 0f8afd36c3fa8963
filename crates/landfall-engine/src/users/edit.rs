//! Changing and removing members.

use landfall_domain::access::Scope;
use landfall_domain::event::AuditEntry;
use landfall_domain::id::IdSource;
use landfall_domain::membership::{MemberEdit, Standing};
use landfall_domain::refusal::Refusal;
use landfall_domain::role::Role;
use landfall_domain::time::Timestamp;
use landfall_domain::user::Member;
use landfall_store::rows::{audit, membership, organization, session, user};
use landfall_store::{Connection, StoreError};

use super::{ChangedMember, require_member, subject};
use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

/// A change of one member, with all that its transaction needs. Like every other, it locks the
/// organization first, then memberships, users and sessions, lest two nodes wait for each other.
struct Change {
    caller: Caller,
    word: String,
    at: Timestamp,
    entropy: [u8; 16],
}

impl Engine {
    /// Changes the member of that id or e-mail address.
    ///
    /// A reset of the password ends all of the person's sessions, and so does disabling them.
    pub async fn edit_user(
        &self,
        caller: &Caller,
        word: &str,
        edit: MemberEdit,
    ) -> Result<ChangedMember, EngineError> {
        caller.require(Scope::Admin)?;
        let password = edit.resets_password.then(|| self.made_password());
        let hash = match &password {
            Some(password) => Some(self.hash_password(password.clone()).await?),
            None => None,
        };
        let change = self.change_of(caller, word);
        let edited = self.write(move |db| change.edit(db, &edit, hash.as_deref())).await;
        self.shared.sessions.clear();
        let member = edited??;
        if password.is_some() {
            self.shared.throttle.forget(&member.user.email);
        }
        Ok(ChangedMember { member, password })
    }

    /// Removes the member of that id or e-mail address from the caller's organization, and ends
    /// their sessions there. Who is in no organization any more is forgotten.
    pub async fn remove_user(&self, caller: &Caller, word: &str) -> Result<(), EngineError> {
        caller.require(Scope::Admin)?;
        let change = self.change_of(caller, word);
        let removed = self.write(move |db| change.remove(db)).await;
        self.shared.sessions.clear();
        Ok(removed??)
    }

    fn change_of(&self, caller: &Caller, word: &str) -> Change {
        let (at, entropy) = (self.ambient().now(), self.ambient().entropy());
        Change { caller: caller.clone(), word: word.to_owned(), at, entropy }
    }
}

impl Change {
    fn edit(
        &self,
        db: &mut Connection,
        edit: &MemberEdit,
        password_hash: Option<&str>,
    ) -> Result<Result<Member, Refusal>, StoreError> {
        let judge = |standing: Standing<'_>| standing.judge_edit(edit);
        let before = match self.find(db, judge)? {
            Ok((member, _)) => member,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let after = self.edited(&before, edit);
        if before.role != after.role {
            membership::set_role(db, &after)?;
        }
        user::update(db, &after.user)?;
        if let Some(hash) = password_hash {
            user::set_password(db, after.user.id, hash, self.at, true)?;
        }
        if password_hash.is_some() || after.user.disabled_at.is_some() {
            session::end_of_user(db, after.user.id)?;
        }
        self.log(db, &actions(&before, &after, password_hash.is_some()), &after)?;
        Ok(Ok(after))
    }

    fn edited(&self, before: &Member, edit: &MemberEdit) -> Member {
        let mut after = before.clone();
        after.role = edit.role.unwrap_or(before.role);
        if let Some(name) = &edit.name {
            after.user.name.clone_from(name);
        }
        after.user.disabled_at = match edit.disabled {
            Some(true) => before.user.disabled_at.or(Some(self.at)),
            Some(false) => None,
            None => before.user.disabled_at,
        };
        if edit.resets_password {
            after.user.password_changed_at = self.at;
            after.user.has_initial_password = true;
        }
        after
    }

    fn remove(&self, db: &mut Connection) -> Result<Result<(), Refusal>, StoreError> {
        let (member, is_elsewhere) = match self.find(db, |standing| standing.judge_removal())? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        membership::delete(db, member.organization, member.user.id)?;
        if is_elsewhere {
            session::end_of_member(db, member.organization, member.user.id)?;
        } else {
            user::delete(db, member.user.id)?;
            session::end_of_user(db, member.user.id)?;
        }
        self.log(db, &["user.removed"], &member)?;
        Ok(Ok(()))
    }

    /// The member, unless the change must not be; and whether they are in other organizations too.
    fn find(
        &self,
        db: &mut Connection,
        judge: impl FnOnce(Standing<'_>) -> Result<(), Refusal>,
    ) -> Result<Result<(Member, bool), Refusal>, StoreError> {
        organization::lock(db, self.caller.organization)?;
        let members = membership::list(db, self.caller.organization)?;
        let member = match require_member(members.iter(), &self.word) {
            Ok(member) => member,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let is_elsewhere = membership::of_user(db, member.user.id)?.len() > 1;
        let has_other_admin = members.iter().any(|other| {
            other.user.id != member.user.id
                && other.role == Role::Admin
                && other.user.disabled_at.is_none()
        });
        let by = self.caller.user();
        let judged = judge(Standing { member, by, has_other_admin, is_elsewhere });
        Ok(judged.map(|()| (member.clone(), is_elsewhere)))
    }

    fn log(
        &self,
        db: &mut Connection,
        actions: &[&str],
        member: &Member,
    ) -> Result<(), StoreError> {
        let entry = |action: &&str| AuditEntry {
            organization: self.caller.organization,
            at: self.at,
            by: self.caller.key_id.clone(),
            action: (*action).to_owned(),
            subject: subject(member),
        };
        let entries: Vec<AuditEntry> = actions.iter().map(entry).collect();
        audit::append(db, &entries, &mut IdSource::new(self.entropy))
    }
}

/// What was changed, in the words of the audit log.
fn actions(before: &Member, after: &Member, is_reset: bool) -> Vec<&'static str> {
    let was_disabled = before.user.disabled_at.is_some();
    let is_disabled = after.user.disabled_at.is_some();
    let happened = [
        (before.role != after.role, "user.role_changed"),
        (before.user.name != after.user.name, "user.renamed"),
        (is_reset, "user.password_reset"),
        (!was_disabled && is_disabled, "user.disabled"),
        (was_disabled && !is_disabled, "user.enabled"),
    ];
    happened.into_iter().filter(|(it, _)| *it).map(|(_, action)| action).collect()
}
