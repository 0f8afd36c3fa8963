//! What `deploy/` says is true: the manifests are whole, and every variable, port and path in them exists.

use std::path::Path;

use landfall::settings::SETTINGS;
use yaml_rust2::{Yaml, YamlLoader};

use crate::harness::{Call, Server};

fn text(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn yaml(name: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(&text(name)).unwrap()
}

fn keys(map: &Yaml) -> Vec<&str> {
    map.as_hash().unwrap().keys().map(|key| key.as_str().unwrap()).collect()
}

/// What a line of the Dockerfile says behind a word.
fn of_image(word: &str) -> String {
    let text = text("Dockerfile");
    let found = text.lines().find_map(|line| line.trim().split_once(word));
    found.unwrap_or_else(|| panic!("no {word}")).1.trim_end_matches(" \\").to_owned()
}

fn default_seconds(name: &str) -> i64 {
    SETTINGS.iter().find(|setting| setting.name == name).unwrap().default.parse().unwrap()
}

#[test]
fn every_variable_in_them_is_a_setting() {
    let names = ["Dockerfile", "landfall.service", "compose.yaml", "kubernetes.yaml"];
    for name in names {
        let text = text(name);
        let variables: Vec<&str> = text
            .split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
            .filter(|word| word.starts_with("LANDFALL_"))
            .collect();
        assert!(!variables.is_empty(), "{name} sets nothing");
        for variable in variables {
            let is_known = SETTINGS.iter().any(|setting| setting.variable == variable);
            assert!(is_known, "{variable} in {name} is no setting");
        }
    }
}

#[test]
fn the_image_listens_on_the_port_that_it_exposes() {
    assert_eq!(of_image("LANDFALL_LISTEN="), format!("0.0.0.0:{}", of_image("EXPOSE ")));
    assert_eq!(of_image("LANDFALL_DATA="), of_image("VOLUME "));
}

#[test]
fn compose_starts_two_nodes_with_one_key_once_their_database_answers() {
    let compose = &yaml("compose.yaml")[0];
    let services = &compose["services"];
    assert_eq!(keys(services), ["landfall-1", "landfall-2", "postgres"]);
    let mut outside = Vec::new();
    for node in ["landfall-1", "landfall-2"] {
        let ports = services[node]["ports"][0].as_str().unwrap();
        let (published, inside) = ports.split_once(':').unwrap();
        assert_eq!(inside, of_image("EXPOSE "));
        outside.push(published.to_owned());
        // What both have in common is an alias, which YAML leaves to its reader to merge.
        let common = &services[node]["<<"];
        assert_eq!(
            keys(&common["environment"]),
            ["LANDFALL_DATABASE", "LANDFALL_MASTER_KEY", "LANDFALL_ADMIN_KEY"]
        );
        assert_eq!(common["depends_on"]["postgres"]["condition"].as_str(), Some("service_healthy"));
        let grace = common["stop_grace_period"].as_str().unwrap().strip_suffix('s').unwrap();
        assert!(grace.parse::<i64>().unwrap() > default_seconds("drain_seconds_max"));
        let dockerfile = common["build"]["dockerfile"].as_str().unwrap();
        assert_eq!(dockerfile, "deploy/Dockerfile");
    }
    outside.dedup();
    assert_eq!(outside.len(), 2, "two nodes publish one port: {outside:?}");
    assert!(services["postgres"]["healthcheck"]["test"].as_vec().unwrap().len() == 2);
    assert_eq!(keys(&compose["volumes"]), ["postgres"]);
    let volume = services["postgres"]["volumes"][0].as_str().unwrap();
    assert!(volume.starts_with("postgres:/var/lib/postgresql/"), "{volume}");
    let database = services["landfall-1"]["<<"]["environment"]["LANDFALL_DATABASE"].as_str();
    assert!(database.unwrap().ends_with("@postgres/landfall"), "{database:?}");
}

/// The three objects of the manifest, by kind.
fn objects() -> [Yaml; 3] {
    let objects = yaml("kubernetes.yaml");
    let kinds: Vec<_> = objects
        .iter()
        .map(|object| (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [("apps/v1", "Deployment"), ("v1", "Service"), ("policy/v1", "PodDisruptionBudget")]
    );
    for object in &objects {
        assert_eq!(object["metadata"]["name"].as_str(), Some("landfall"));
    }
    objects.try_into().unwrap()
}

#[test]
fn kubernetes_keeps_one_node_while_another_goes() {
    let [deployment, service, budget] = objects();
    let spec = &deployment["spec"];
    let labels = &spec["template"]["metadata"]["labels"];
    assert_eq!(&spec["selector"]["matchLabels"], labels);
    assert_eq!(&budget["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(&service["spec"]["selector"], labels);
    let spread = &spec["template"]["spec"]["topologySpreadConstraints"][0];
    assert_eq!(&spread["labelSelector"]["matchLabels"], labels);
    assert_eq!(spec["strategy"]["rollingUpdate"]["maxUnavailable"].as_i64(), Some(0));
    let nodes = spec["replicas"].as_i64().unwrap();
    assert!(nodes >= 2 && budget["spec"]["minAvailable"].as_i64().unwrap() < nodes);
}

#[test]
fn kubernetes_gives_a_node_time_to_drain_and_no_rights() {
    let pod = &objects()[0]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let pause = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_i64().unwrap();
    let grace = pod["terminationGracePeriodSeconds"].as_i64().unwrap();
    assert!(grace > pause + default_seconds("drain_seconds_max"));
    let user = pod["securityContext"]["runAsUser"].as_i64().unwrap();
    let group = pod["securityContext"]["runAsGroup"].as_i64().unwrap();
    assert_eq!(of_image("USER "), format!("{user}:{group}"));
    let rights = &container["securityContext"];
    assert_eq!(rights["allowPrivilegeEscalation"].as_bool(), Some(false));
    assert_eq!(rights["readOnlyRootFilesystem"].as_bool(), Some(true));
    assert_eq!(rights["capabilities"]["drop"][0].as_str(), Some("ALL"));
    let image = container["image"].as_str().unwrap();
    assert_eq!(image, concat!("landfall:", env!("CARGO_PKG_VERSION")));
}

#[test]
fn kubernetes_takes_every_secret_from_the_one_that_its_head_makes() {
    let head = text("kubernetes.yaml");
    let pod = &objects()[0]["spec"]["template"]["spec"];
    let variables = pod["containers"][0]["env"].as_vec().unwrap();
    assert_eq!(variables.len(), 3);
    for variable in variables {
        let source = &variable["valueFrom"]["secretKeyRef"];
        assert_eq!(source["name"].as_str(), Some("landfall"));
        let made = format!("--from-literal={}=", source["key"].as_str().unwrap());
        assert!(head.contains(&made), "{made}");
    }
}

#[tokio::test]
async fn kubernetes_asks_paths_that_answer_on_the_port_that_the_image_exposes() {
    let [deployment, service, _] = objects();
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let port = &container["ports"][0];
    assert_eq!(port["containerPort"].as_i64().unwrap().to_string(), of_image("EXPOSE "));
    let annotations = &deployment["spec"]["template"]["metadata"]["annotations"];
    assert_eq!(annotations["prometheus.io/port"].as_str().unwrap(), of_image("EXPOSE "));
    assert_eq!(service["spec"]["ports"][0]["targetPort"], port["name"]);
    let server = Server::start().await;
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let asked = &container[probe]["httpGet"];
        assert_eq!(asked["port"], port["name"]);
        let path = asked["path"].as_str().unwrap();
        server.send(Call::new("GET", path).anonymous()).await.ok();
    }
    server.stop().await;
}
