//! People: adding them to an organization, and listing them.
//!
//! One person is one user everywhere, so whoever is in another organization already is only made a
//! member: no admin gets to touch the password of somebody who is elsewhere too.

mod edit;
mod password;

use landfall_domain::access::Scope;
use landfall_domain::event::AuditEntry;
use landfall_domain::id::{IdSource, OrganizationId};
pub use landfall_domain::membership::MemberEdit;
use landfall_domain::refusal::Refusal;
use landfall_domain::role::Role;
use landfall_domain::user::{Email, Member, User};
use landfall_store::rows::{audit, membership, organization, user};
use landfall_store::{Connection, StoreError};

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

/// A person to be added to an organization.
#[derive(Clone)]
pub struct NewUser {
    /// What they sign in with.
    pub email: Email,
    /// What people call them; the address if none.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Their password; one is made for them if none.
    pub password: Option<String>,
}

/// A member who was just added or changed.
#[derive(Clone)]
pub struct ChangedMember {
    /// The member as they are now.
    pub member: Member,
    /// The password that was made for them, which nobody sees again.
    pub password: Option<String>,
}

impl Engine {
    /// Every member of the caller's organization, by e-mail address.
    pub async fn list_users(&self, caller: &Caller) -> Result<Vec<Member>, EngineError> {
        caller.require(Scope::Admin)?;
        let organization = caller.organization;
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| membership::list(db, organization)).await?)
    }

    /// The member of that id or e-mail address.
    pub async fn find_user(&self, caller: &Caller, word: &str) -> Result<Member, EngineError> {
        let members = self.list_users(caller).await?;
        Ok(require_member(members.iter(), word)?.clone())
    }

    /// Adds a person to the caller's organization.
    ///
    /// Somebody who is in another organization already keeps their name and password, whatever is
    /// asked for.
    pub async fn create_user(
        &self,
        caller: &Caller,
        new: NewUser,
    ) -> Result<ChangedMember, EngineError> {
        caller.require(Scope::Admin)?;
        let NewUser { email, name, role, password } = new;
        let (password, made) = self.chosen_or_made(password, &email)?;
        let hash = self.hash_password(password).await?;
        let now = self.ambient().now();
        let user = User {
            id: self.ambient().id(now),
            name: name.unwrap_or_else(|| email.to_string()),
            email,
            created_at: now,
            password_changed_at: now,
            has_initial_password: made.is_some(),
            disabled_at: None,
        };
        let draft = Member {
            organization: caller.organization,
            user,
            role,
            added_at: now,
            last_signed_in_at: None,
        };
        let entry = self.audit_entry(caller, "user.created", &subject(&draft));
        let entropy = self.ambient().entropy();
        let added = self.write(move |db| add(db, draft, &hash, entry, entropy)).await?;
        self.shared.sessions.clear();
        let (member, is_new) = added?;
        Ok(ChangedMember { member, password: made.filter(|_| is_new) })
    }
}

/// Adds a member, and the person if they are new; says whether they are.
fn add(
    db: &mut Connection,
    mut member: Member,
    password_hash: &str,
    mut entry: AuditEntry,
    entropy: [u8; 16],
) -> Result<Result<(Member, bool), Refusal>, StoreError> {
    organization::lock(db, member.organization)?;
    let known = user::find_with_password(db, &member.user.email)?.map(|(user, _)| user);
    let is_new = known.is_none();
    if let Some(known) = known {
        let is_here = |id: OrganizationId| id == member.organization;
        if membership::of_user(db, known.id)?.iter().any(|it| is_here(it.organization)) {
            return Ok(Err(Refusal::name_taken("user", &known.email)));
        }
        member.user = known;
        "user.added".clone_into(&mut entry.action);
    } else {
        user::insert(db, &member.user, password_hash)?;
    }
    membership::insert(db, &member)?;
    audit::append(db, &[entry], &mut IdSource::new(entropy))?;
    Ok(Ok((member, is_new)))
}

/// The member of that id or e-mail address.
fn require_member<'a>(
    mut members: impl Iterator<Item = &'a Member>,
    word: &str,
) -> Result<&'a Member, Refusal> {
    let (id, email) = (word.parse().ok(), Email::parse(word).ok());
    let found = members.find(|it| Some(it.user.id) == id || Some(&it.user.email) == email.as_ref());
    found.ok_or_else(|| Refusal::not_found("user", word))
}

/// A member in the audit log: who, and as what.
fn subject(member: &Member) -> String {
    format!("{} as {}", member.user.email, member.role.as_str())
}
