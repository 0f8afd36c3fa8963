//! Blocks of events: what a group appends to a log is one packed row, not a row for each event.
//!
//! Events of one log look alike, so packed together they take a third of their text. A block's text
//! is a JSON array of `[type, at, recorded_at, data]`; its numbers follow from its first one.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::event::StoredEvent;
use crate::error::StoreError;
use landfall_domain::time::Timestamp;

/// Events in one block, so that a stretch of numbers is found by the last number of each block.
pub(crate) const EVENTS_MAX: usize = 64;
/// Bytes of text from which on a block takes no further event: one event is read by unpacking all.
const TEXT_BYTES_MAX: usize = 128 << 10;
/// No block has a longer text: a run merges the metadata of a few dozen reports at most. A damaged one
/// may say 4 GiB, and would get them.
const UNPACKED_BYTES_MAX: usize = 64 << 20;

/// How a block is packed; its first byte.
const LZ4_WITH_WORDS: u8 = 1;
/// What most events say in the same words, so that a block of a single event packs well too. It is
/// part of the format: what was packed with it is unpacked with it only.
const WORDS: &[u8] = include_bytes!("event_words.txt");

#[derive(Deserialize)]
struct Entry<'a>(&'a str, i64, i64, #[serde(borrow)] &'a RawValue);

/// Cuts events into blocks.
pub(crate) fn cut(mut events: &[StoredEvent]) -> Vec<&[StoredEvent]> {
    let mut blocks = Vec::new();
    while !events.is_empty() {
        let (block, rest) = events.split_at(block_length(events));
        blocks.push(block);
        events = rest;
    }
    blocks
}

fn block_length(events: &[StoredEvent]) -> usize {
    let mut bytes = 0;
    let fits = events.iter().take(EVENTS_MAX).take_while(|event| {
        let is_begun = bytes < TEXT_BYTES_MAX;
        bytes += event.data.len();
        is_begun
    });
    fits.count()
}

/// Packs the events of a block.
pub(crate) fn pack(events: &[StoredEvent]) -> Vec<u8> {
    let packed = lz4_flex::block::compress_prepend_size_with_dict(text(events).as_bytes(), WORDS);
    [&[LZ4_WITH_WORDS], packed.as_slice()].concat()
}

fn text(events: &[StoredEvent]) -> String {
    const BESIDE_DATA: usize = 80;
    let length = events.iter().map(|event| event.data.len() + BESIDE_DATA).sum();
    let mut text = String::with_capacity(length);
    let mut before = '[';
    for StoredEvent { kind, at, recorded_at, data, .. } in events {
        text.push(before);
        text.push_str("[\"");
        text.push_str(kind);
        text.push_str("\",");
        text.push_str(&at.as_micros().to_string());
        text.push(',');
        text.push_str(&recorded_at.as_micros().to_string());
        text.push(',');
        text.push_str(data);
        text.push(']');
        before = ',';
    }
    text.push(']');
    text
}

/// Unpacks a block and hands over those of its events that are `wanted` by their numbers.
pub(crate) fn unpack(
    packed: &[u8],
    first_sequence: u64,
    wanted: impl Fn(u64) -> bool,
    mut each: impl FnMut(StoredEvent),
) -> Result<(), StoreError> {
    let Some((&LZ4_WITH_WORDS, packed)) = packed.split_first() else {
        return Err(StoreError::corrupt("event block", "it is packed in an unknown way"));
    };
    let (length, packed) = lz4_flex::block::uncompressed_size(packed)
        .map_err(|error| StoreError::corrupt("event block", error))?;
    if length > UNPACKED_BYTES_MAX {
        return Err(StoreError::corrupt("event block", "it says it is longer than any block"));
    }
    let text = lz4_flex::block::decompress_with_dict(packed, length, WORDS)
        .map_err(|error| StoreError::corrupt("event block", error))?;
    let entries: Vec<Entry<'_>> =
        serde_json::from_slice(&text).map_err(|error| StoreError::corrupt("event block", error))?;
    for (sequence, entry) in (first_sequence..).zip(entries) {
        if wanted(sequence) {
            each(event(sequence, &entry));
        }
    }
    Ok(())
}

fn event(sequence: u64, Entry(kind, at, recorded_at, data): &Entry<'_>) -> StoredEvent {
    StoredEvent {
        sequence,
        kind: (*kind).into(),
        at: Timestamp::from_micros(*at),
        recorded_at: Timestamp::from_micros(*recorded_at),
        data: data.get().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(count: u64, data: &str) -> Vec<StoredEvent> {
        let event = |sequence: u64| StoredEvent {
            sequence,
            kind: "deployment.completed".into(),
            at: Timestamp::from_micros(1_700_000_000_000_000),
            recorded_at: Timestamp::from_micros(1_700_000_000_000_000 + sequence.cast_signed()),
            data: data.into(),
        };
        (1..=count).map(event).collect()
    }

    fn unpacked(packed: &[u8], first: u64, wanted: impl Fn(u64) -> bool) -> Vec<StoredEvent> {
        let mut found = Vec::new();
        unpack(packed, first, wanted, |event| found.push(event)).unwrap();
        found
    }

    #[test]
    fn what_was_packed_comes_back_word_for_word() {
        let events = events(40, r#"{"text":"a \"quoted\" ünïcode \\ word","list":[1,2.50,null]}"#);
        assert_eq!(unpacked(&pack(&events), 1, |_| true), events);
    }

    #[test]
    fn only_what_is_wanted_comes_back() {
        let events = events(40, "{}");
        assert_eq!(unpacked(&pack(&events), 1, |sequence| sequence == 7), events[6..7]);
    }

    #[test]
    fn blocks_are_bounded_and_leave_nothing_out() {
        let many = events(200, "{}");
        let lengths: Vec<usize> = cut(&many).iter().map(|block| block.len()).collect();
        assert_eq!(lengths, [64, 64, 64, 8]);
        let large = events(5, &format!("\"{}\"", "x".repeat(100 << 10)));
        let lengths: Vec<usize> = cut(&large).iter().map(|block| block.len()).collect();
        assert_eq!(lengths, [2, 2, 1]);
    }

    #[test]
    fn a_block_that_is_damaged_is_an_error() {
        let mut packed = pack(&events(3, "{}"));
        packed.truncate(packed.len() - 3);
        assert!(unpack(&packed, 1, |_| true, |_| {}).is_err());
        assert!(unpack(&[9, 9, 9], 1, |_| true, |_| {}).is_err());
        assert!(unpack(&[], 1, |_| true, |_| {}).is_err());
    }

    #[test]
    fn a_block_is_not_believed_how_long_it_is() {
        let mut packed = pack(&events(3, "{}"));
        packed[1..5].copy_from_slice(&u32::MAX.to_le_bytes());
        let why = unpack(&packed, 1, |_| true, |_| {}).unwrap_err();
        let told = format!("{why} {why:?}");
        assert!(told.contains("longer than any block"), "{told}");
    }

    #[test]
    fn a_single_event_packs_well() {
        let data = include_str!("event_words.txt");
        let sample = &events(1, &data[data.find("{\"project\"").unwrap()..data.len() - 1])[0];
        let packed = pack(std::slice::from_ref(sample));
        assert!(packed.len() * 2 < sample.data.len(), "{} bytes", packed.len());
    }
}
