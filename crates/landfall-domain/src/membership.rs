//! What may be changed about a member of an organization, and when it may not.

use crate::id::UserId;
use crate::refusal::Refusal;
use crate::role::Role;
use crate::user::Member;

/// What a member becomes; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberEdit {
    /// What they may do.
    pub role: Option<Role>,
    /// What people call them.
    pub name: Option<String>,
    /// Whether they are kept from signing in.
    pub disabled: Option<bool>,
    /// Whether they get another password, which is made for them.
    pub resets_password: bool,
}

/// What a change of a member is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Who would be changed.
    pub member: &'a Member,
    /// Who asks, if it is a person.
    pub by: Option<UserId>,
    /// Whether another member of the organization is an admin who can sign in.
    pub has_other_admin: bool,
    /// Whether they are in other organizations as well.
    pub is_elsewhere: bool,
}

impl Standing<'_> {
    /// Refuses an edit that must not be.
    pub fn judge_edit(&self, edit: &MemberEdit) -> Result<(), Refusal> {
        let is_own = self.by == Some(self.member.user.id);
        let new_role = edit.role.filter(|role| *role != self.member.role);
        if new_role.is_some() && is_own {
            return Err(invalid("role", "is your own, which only another admin can change"));
        }
        if edit.resets_password && is_own {
            let reason = "can't be set for yourself; change yours by giving the present one";
            return Err(invalid("reset_password", reason));
        }
        if new_role.is_some() || edit.disabled == Some(true) {
            self.require_other_admin()?;
        }
        self.require_here_only(edit, is_own)
    }

    /// Refuses a removal that must not be.
    pub fn judge_removal(&self) -> Result<(), Refusal> {
        self.require_other_admin()
    }

    /// Without an admin nobody could add one.
    fn require_other_admin(&self) -> Result<(), Refusal> {
        let is_admin = self.member.role == Role::Admin && self.member.user.disabled_at.is_none();
        if is_admin && !self.has_other_admin {
            let email = &self.member.user.email;
            let reason = format!("`{email}` is the last admin here; make somebody else one first");
            return Err(Refusal::InUse(reason));
        }
        Ok(())
    }

    /// What is true of a person everywhere must not be changed from one of their organizations: with
    /// a password of their making, its admins could go into the others.
    fn require_here_only(&self, edit: &MemberEdit, is_own: bool) -> Result<(), Refusal> {
        let is_personal =
            edit.disabled.is_some() || edit.resets_password || (edit.name.is_some() && !is_own);
        if is_personal && self.is_elsewhere {
            let email = &self.member.user.email;
            return Err(Refusal::InUse(format!(
                "`{email}` is in other organizations too, so only they can change their name and \
                 password; you can change their role or remove them here"
            )));
        }
        Ok(())
    }
}

fn invalid(field: &str, reason: &str) -> Refusal {
    Refusal::Invalid { field: field.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::IdSource;
    use crate::time::Timestamp;
    use crate::user::{Email, User};

    fn member(role: Role) -> Member {
        let now = Timestamp::default();
        let mut ids = IdSource::new([7; 16]);
        let user = User {
            id: ids.next(now),
            email: Email::parse("ada@acme.example").unwrap(),
            name: "Ada".to_owned(),
            created_at: now,
            password_changed_at: now,
            has_initial_password: false,
            disabled_at: None,
        };
        Member { organization: ids.next(now), user, role, added_at: now, last_signed_in_at: None }
    }

    fn edit_of(role: Role) -> MemberEdit {
        MemberEdit { role: Some(role), ..MemberEdit::default() }
    }

    fn standing(member: &Member) -> Standing<'_> {
        Standing { member, by: None, has_other_admin: true, is_elsewhere: false }
    }

    #[test]
    fn the_last_admin_stays_one() {
        let ada = member(Role::Admin);
        let last = Standing { has_other_admin: false, ..standing(&ada) };
        let disabling = MemberEdit { disabled: Some(true), ..MemberEdit::default() };
        for refused in [
            last.judge_edit(&edit_of(Role::Manager)),
            last.judge_edit(&disabling),
            last.judge_removal(),
        ] {
            assert_eq!(refused.unwrap_err().code(), "in_use");
        }
        assert_eq!(last.judge_edit(&edit_of(Role::Admin)), Ok(()));
        assert_eq!(standing(&ada).judge_edit(&edit_of(Role::Manager)), Ok(()));
        assert_eq!(standing(&ada).judge_removal(), Ok(()));
        let manager = member(Role::Manager);
        let other = Standing { has_other_admin: false, ..standing(&manager) };
        assert_eq!(other.judge_removal(), Ok(()));
    }

    #[test]
    fn nobody_changes_their_own_role() {
        let ada = member(Role::Admin);
        let own = Standing { by: Some(ada.user.id), ..standing(&ada) };
        assert_eq!(own.judge_edit(&edit_of(Role::Viewer)).unwrap_err().code(), "invalid_field");
        assert_eq!(own.judge_edit(&edit_of(Role::Admin)), Ok(()));
        let reset = MemberEdit { resets_password: true, ..MemberEdit::default() };
        assert!(own.judge_edit(&reset).is_err());
    }

    #[test]
    fn what_holds_everywhere_is_not_changed_from_one_organization() {
        let ada = member(Role::Viewer);
        let shared = Standing { is_elsewhere: true, ..standing(&ada) };
        let named = MemberEdit { name: Some("A".to_owned()), ..MemberEdit::default() };
        for edit in [
            MemberEdit { resets_password: true, ..MemberEdit::default() },
            MemberEdit { disabled: Some(true), ..MemberEdit::default() },
            MemberEdit { disabled: Some(false), ..MemberEdit::default() },
            named.clone(),
        ] {
            assert_eq!(shared.judge_edit(&edit).unwrap_err().code(), "in_use");
            assert_eq!(standing(&ada).judge_edit(&edit), Ok(()));
        }
        assert_eq!(shared.judge_edit(&edit_of(Role::Admin)), Ok(()));
        assert_eq!(shared.judge_removal(), Ok(()));
        let own = Standing { by: Some(ada.user.id), ..shared };
        assert_eq!(own.judge_edit(&named), Ok(()));
    }
}
