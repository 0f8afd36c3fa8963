//! Packed blocks of events, as a damaged or foreign data file may hold them.
//!
//! What can be unpacked can be packed again and is the same; nothing takes more memory than a block may.

#![no_main]

use landfall_store::fuzzing::{pack, unpack};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|packed: &[u8]| {
    let Ok(events) = unpack(packed, 1) else { return };
    let mut again = Vec::new();
    for block in pack(&events) {
        let first = again.len() as u64 + 1;
        again.extend(unpack(&block, first).expect("what was packed can be unpacked"));
    }
    assert_eq!(again, events);
});
