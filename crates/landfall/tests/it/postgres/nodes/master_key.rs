//! Another master key, which no node that runs would hear of.

use landfall_engine::Ambient;
use landfall_engine::reseal::reseal;
use landfall_engine::seal::MasterKey;

use super::fixture::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn no_other_master_key_is_put_in_place_while_a_node_runs() {
    let cluster = Cluster::new();
    let node = cluster.start("a").await;
    let store = cluster.store();
    let keys = || (MasterKey::from_bytes([7; 32]), MasterKey::from_bytes([8; 32]));
    let refused = reseal(&store, keys(), &Ambient::system()).await.unwrap_err();
    assert!(refused.to_string().contains("a runs on this database"), "{refused}");
    node.stop().await;
    reseal(&store, keys(), &Ambient::system()).await.unwrap();
    store.close();
}
