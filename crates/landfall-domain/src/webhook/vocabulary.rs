//! Vendors' names of events: what each of them calls what the log calls `deployment.completed`.
//!
//! A webhook may ask for events by these names, and a vendor's format tells only what its vendor
//! has a name for.

/// A vendor whose receivers know events by other names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vocabulary {
    /// `DEPLOYMENT_SUCCESSFUL`.
    Qovery,
    /// `deployment.finished`, which its API writes as scope and type.
    Humanitec,
    /// `distribution.succeeded`.
    Akinon,
    /// As in the log, but builds and deployments only.
    Versioner,
}

impl Vocabulary {
    /// Every vendor.
    pub const ALL: [Self; 4] = [Self::Qovery, Self::Humanitec, Self::Akinon, Self::Versioner];

    /// What the vendor calls an event of the log; `None` if it has no such event.
    pub fn name_of(self, kind: &str) -> Option<&'static str> {
        let named = self.names().iter().find(|(_, known)| *known == kind);
        named.map(|(name, _)| *name)
    }

    /// What the log calls the vendor's event, in the case that the vendor writes it in; several
    /// where the vendor does not tell them apart.
    pub fn kinds_of(self, name: &str) -> impl Iterator<Item = &'static str> {
        self.names().iter().filter(move |(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// The vendor's names of events, each beside what the log calls it.
    pub const fn names(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Qovery => &[
                ("DEPLOYMENT_STARTED", "deployment.started"),
                ("DEPLOYMENT_CANCELLED", "deployment.aborted"),
                ("DEPLOYMENT_FAILURE", "deployment.failed"),
                ("DEPLOYMENT_SUCCESSFUL", "deployment.completed"),
            ],
            Self::Humanitec => &[
                ("environment.created", "environment.created"),
                ("environment.deleted", "environment.deleted"),
                ("deployment.started", "deployment.started"),
                ("deployment.finished", "deployment.completed"),
                ("deployment.finished", "deployment.failed"),
                ("deployment.finished", "deployment.aborted"),
            ],
            Self::Akinon => &[
                ("deployment.build.created", "build.started"),
                ("deployment.build.succeeded", "build.completed"),
                ("deployment.build.failed", "build.failed"),
                ("deployment.build.canceled", "build.aborted"),
                ("distribution.created", "deployment.started"),
                ("distribution.succeeded", "deployment.completed"),
                ("distribution.failed", "deployment.failed"),
                ("distribution.canceled", "deployment.aborted"),
            ],
            Self::Versioner => &[
                ("deployment.pending", "deployment.pending"),
                ("deployment.started", "deployment.started"),
                ("deployment.completed", "deployment.completed"),
                ("deployment.failed", "deployment.failed"),
                ("deployment.aborted", "deployment.aborted"),
                ("build.pending", "build.pending"),
                ("build.started", "build.started"),
                ("build.completed", "build.completed"),
                ("build.failed", "build.failed"),
                ("build.aborted", "build.aborted"),
            ],
        }
    }

    /// The vendor's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qovery => "qovery",
            Self::Humanitec => "humanitec",
            Self::Akinon => "akinon",
            Self::Versioner => "versioner",
        }
    }
}

/// Every name that some vendor has for an event of the log.
pub fn vendors_names_of(kind: &str) -> impl Iterator<Item = &'static str> {
    Vocabulary::ALL.into_iter().filter_map(move |vendor| vendor.name_of(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::format::sample::KINDS;

    #[test]
    fn every_name_is_of_an_event_that_the_log_has() {
        for vendor in Vocabulary::ALL {
            for (name, kind) in vendor.names() {
                assert!(KINDS.contains(kind), "{vendor:?} {name}");
                assert_eq!(vendor.name_of(kind), Some(*name));
                assert!(vendor.kinds_of(name).any(|found| found == *kind));
            }
        }
    }

    #[test]
    fn a_name_that_two_vendors_share_means_the_same_to_both() {
        for kind in KINDS {
            for name in vendors_names_of(kind) {
                let is_of_log = KINDS.contains(&name);
                assert!(!is_of_log || name == *kind, "{name} means {kind}");
            }
        }
    }
}
