//! The company that the demo shows: its teams, people, projects, applications and environments.

use landfall_domain::environment::EnvironmentType;

/// What the company is called.
pub(super) const NAME: &str = "Harbor & Co";
/// A reserved domain, so that no link leads to a stranger.
pub(super) const DOMAIN: &str = "harborandco.example";

/// A team, and who is in it.
#[derive(Debug)]
pub(super) struct Team {
    pub code: &'static str,
    pub name: &'static str,
    pub people: &'static [Person],
}

/// Somebody who commits and deploys.
#[derive(Debug)]
pub(super) struct Person {
    pub login: &'static str,
    pub name: &'static str,
}

const fn person(login: &'static str, name: &'static str) -> Person {
    Person { login, name }
}

pub(super) static SHOP: Team = Team {
    code: "shop",
    name: "Shop",
    people: &[
        person("mlindqvist", "Maja Lindqvist"),
        person("tokafor", "Tobias Okafor"),
        person("ines-r", "Inês Ribeiro"),
        person("jwhitaker", "Jonah Whitaker"),
    ],
};
pub(super) static FULFILMENT: Team = Team {
    code: "fulfilment",
    name: "Fulfilment",
    people: &[
        person("pnovak", "Petra Novák"),
        person("samir.h", "Samir Haddad"),
        person("kdevries", "Koen de Vries"),
    ],
};
pub(super) static PLATFORM: Team = Team {
    code: "platform",
    name: "Platform",
    people: &[
        person("aiko-t", "Aiko Tanaka"),
        person("rfitzgerald", "Róisín Fitzgerald"),
        person("dmarchetti", "Davide Marchetti"),
    ],
};
pub(super) static TEAMS: [&Team; 3] = [&SHOP, &FULFILMENT, &PLATFORM];

/// A project of the company.
#[derive(Debug)]
pub(super) struct Project {
    pub name: &'static str,
    pub description: &'static str,
    pub team: &'static str,
    /// Its CI system.
    pub source_system: &'static str,
}

pub(super) static STOREFRONT: Project = Project {
    name: "storefront",
    description: "What customers see and click",
    team: "shop",
    source_system: "github",
};
pub(super) static LOGISTICS: Project = Project {
    name: "logistics",
    description: "From the order to the doorstep",
    team: "fulfilment",
    source_system: "jenkins",
};
pub(super) static FOUNDATION: Project = Project {
    name: "foundation",
    description: "What everything else stands on",
    team: "platform",
    source_system: "gitlab",
};
pub(super) static PROJECTS: [&Project; 3] = [&STOREFRONT, &LOGISTICS, &FOUNDATION];

/// How an application's story ends, just before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As it went all the time.
    Usual,
    /// Production runs a hotfix that staging lacks.
    Hotfix,
    /// A release is under way to production this minute.
    InProgress,
    /// The last release to production failed, and nobody has acted yet.
    Failed,
    /// A job died on its way to testing, two days ago.
    Dead,
}

/// An application of the company.
#[derive(Debug)]
pub(super) struct Application {
    pub name: &'static str,
    pub description: &'static str,
    pub project: &'static Project,
    pub team: &'static Team,
    /// Major and minor number that the story begins with.
    pub first: (u64, u64),
    /// What its commits are about.
    pub topics: &'static [&'static str],
    /// The parts of staging and production that it runs in.
    pub targets: &'static [&'static str],
    /// Whether it runs in America too.
    pub is_in_us: bool,
    pub ending: Ending,
}

/// An application that runs in both productions and whose story ends as usual.
const fn application(
    name: &'static str,
    description: &'static str,
    project: &'static Project,
    team: &'static Team,
    topics: &'static [&'static str],
) -> Application {
    Application {
        name,
        description,
        project,
        team,
        first: (2, 4),
        topics,
        targets: &[""],
        is_in_us: true,
        ending: Ending::Usual,
    }
}

#[rustfmt::skip]
pub(super) static APPLICATIONS: [Application; 12] = [
    Application {
        first: (7, 12),
        ending: Ending::InProgress,
        ..application("web-shop", "The shop in the browser", &STOREFRONT, &SHOP,
            &["the product page", "the mini cart", "image loading", "the size guide", "breadcrumbs", "the cookie banner"])
    },
    application("mobile-api", "What the apps talk to", &STOREFRONT, &SHOP,
        &["push tokens", "the home feed", "deep links", "app version checks", "the wishlist endpoint", "session refresh"]),
    Application {
        first: (3, 17),
        ending: Ending::Hotfix,
        ..application("checkout", "From the cart to the paid order", &STOREFRONT, &SHOP,
            &["voucher codes", "the payment callback", "tax rounding", "the address form", "3-D Secure redirects", "the order summary"])
    },
    Application {
        first: (1, 31),
        ..application("product-catalog", "Articles, prices and pictures", &STOREFRONT, &SHOP,
            &["the price import", "category trees", "variant sorting", "image renditions", "stock badges", "the nightly export"])
    },
    application("search", "Finding articles", &STOREFRONT, &SHOP,
        &["synonyms", "the facet counts", "typo tolerance", "index rebuilds", "ranking weights", "the suggest endpoint"]),
    Application {
        first: (5, 2),
        ..application("order-service", "Takes orders and follows them", &LOGISTICS, &FULFILMENT,
            &["order splitting", "the outbox", "partial refunds", "the order timeline", "cancellation windows", "invoice numbers"])
    },
    Application {
        first: (4, 8),
        is_in_us: false,
        ending: Ending::Failed,
        ..application("warehouse", "Stock, shelves and picking", &LOGISTICS, &FULFILMENT,
            &["pick lists", "shelf labels", "the stock count", "barcode scans", "returns intake", "replenishment rules"])
    },
    Application {
        first: (0, 19),
        is_in_us: false,
        ending: Ending::Dead,
        ..application("shipping-labels", "Prints what sticks on parcels", &LOGISTICS, &FULFILMENT,
            &["customs forms", "label rotation", "the PDF merger", "printer queues", "parcel weights", "return labels"])
    },
    application("carrier-gateway", "One interface to every carrier", &LOGISTICS, &FULFILMENT,
        &["DHL pickups", "tracking webhooks", "carrier timeouts", "rate lookups", "address validation", "delivery windows"]),
    Application {
        first: (2, 40),
        ..application("identity", "Accounts, logins and permissions", &FOUNDATION, &PLATFORM,
            &["passkeys", "token rotation", "login throttling", "the consent screen", "password resets", "service accounts"])
    },
    application("notifications", "Mails, texts and pushes", &FOUNDATION, &PLATFORM,
        &["mail templates", "bounce handling", "quiet hours", "the retry queue", "unsubscribe links", "SMS fallbacks"]),
    Application {
        first: (1, 9),
        targets: &["eu-central-1", "eu-west-1"],
        is_in_us: false,
        ..application("edge-proxy", "The door to everything, in two regions", &FOUNDATION, &PLATFORM,
            &["TLS renewal", "rate limits", "access logs", "the maintenance page", "HTTP/2 windows", "health checks"])
    },
];

/// An environment of the company.
#[derive(Debug)]
pub(super) struct Environment {
    pub code: &'static str,
    pub name: &'static str,
    pub kind: EnvironmentType,
    /// What comes before the domain in its URL.
    pub host: &'static str,
    pub position: i64,
}

const fn environment(
    code: &'static str,
    name: &'static str,
    kind: EnvironmentType,
    host: &'static str,
    position: i64,
) -> Environment {
    Environment { code, name, kind, host, position }
}

/// Where versions go, in the order of promotion.
pub(super) static ENVIRONMENTS: [Environment; 5] = [
    environment("development", "Development", EnvironmentType::Development, "dev", 0),
    environment("testing", "Testing", EnvironmentType::Testing, "test", 0),
    environment("staging", "Staging", EnvironmentType::Staging, "staging", 0),
    environment("production", "Production EU", EnvironmentType::Production, "www", 0),
    environment("production-us", "Production US", EnvironmentType::Production, "us", 1),
];

pub(super) static PREVIEW: Environment =
    environment("pr-123", "PR 123: faceted search", EnvironmentType::Preview, "pr-123", 0);
pub(super) static OLD_PREVIEW: Environment =
    environment("pr-98", "PR 98: guest checkout", EnvironmentType::Preview, "pr-98", 0);
