//! `FrameDecoder` on streams that arrive in pieces, lie, or end too early.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod arbitrary;
mod counting;

use drupe_protocol::{
    FrameDecoder, FrameError, Payload,
    frame::{MAX_FRAME, PREFIX},
};
use proptest::{collection::vec, prelude::*};

fn frame(payload: &[u8]) -> Vec<u8> {
    [&u32::try_from(payload.len()).unwrap().to_le_bytes(), payload].concat()
}

fn announce(length: usize) -> [u8; PREFIX] {
    u32::try_from(length).unwrap().to_le_bytes()
}

proptest! {
    #![proptest_config(arbitrary::config(200))]

    /// However a stream is cut, and whether frames are taken as they come or later, they are the same.
    #[test]
    fn arbitrary_splits(
        sizes in vec(prop_oneof![8 => 0..200_usize, 1 => 30_000..140_000_usize], 0..12),
        cuts in vec(prop_oneof![4 => 1..40_usize, 2 => 1..70_000_usize], 1..40),
        lazy in any::<bool>(),
    ) {
        let payload = |(index, size): (usize, &usize)| (0..*size).map(|byte| (byte * 7 + index).to_le_bytes()[0]).collect();
        let payloads: Vec<Vec<u8>> = sizes.iter().enumerate().map(payload).collect();
        let stream: Vec<u8> = payloads.iter().flat_map(|payload| frame(payload)).collect();
        let (mut decoder, mut taken) = (FrameDecoder::new(), Vec::new());
        let mut rest = stream.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            decoder.feed(now);
            rest = later;
            while !lazy && decoder.has_frame() {
                taken.push(decoder.next_frame().unwrap().unwrap().to_vec());
            }
        }
        while let Some(payload) = decoder.next_frame().unwrap() {
            taken.push(payload.to_vec());
        }
        prop_assert!(!decoder.has_frame());
        prop_assert_eq!(decoder.end(), Ok(()));
        prop_assert!(taken == payloads);
    }

    // threat E12
    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..300)) {
        let (_, peak) = counting::peak(|| {
            let mut decoder = FrameDecoder::new();
            decoder.feed(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
            decoder.end()
        });
        prop_assert!(peak <= 128 << 10);
    }
}

// threat E1
#[test]
fn an_oversize_frame_is_refused_before_anything_is_reserved() {
    for length in [MAX_FRAME + 1, u32::MAX as usize] {
        let (_, peak) = counting::peak(|| {
            let mut decoder = FrameDecoder::new();
            decoder.feed(&announce(length));
            assert!(decoder.has_frame(), "an error is something to take");
            assert_eq!(decoder.next_frame(), Err(FrameError::TooLarge { length }));
            assert_eq!(decoder.next_frame(), Err(FrameError::TooLarge { length }), "it stays so");
            assert_eq!(decoder.end(), Err(FrameError::TooLarge { length }));
            assert!(!decoder.spare().is_empty());
        });
        assert!(peak <= 128 << 10, "{peak} bytes");
    }
    let mut decoder = FrameDecoder::new();
    decoder.feed(&announce(MAX_FRAME));
    assert_eq!(decoder.next_frame(), Ok(None));
}

// threat E1
#[test]
fn an_oversize_frame_behind_a_good_one_spoils_only_itself() {
    let mut decoder = FrameDecoder::new();
    decoder.feed(&[&frame(b"good")[..], &announce(MAX_FRAME + 1)].concat());
    assert_eq!(decoder.next_frame(), Ok(Some(Payload::Small(b"good"))));
    assert_eq!(decoder.next_frame(), Err(FrameError::TooLarge { length: MAX_FRAME + 1 }));
}

// threat E4
#[test]
fn a_torn_end_is_told_from_a_clean_one() {
    let stream = [frame(b"one"), frame(b"")].concat();
    let torn = |missing| Err(FrameError::Torn { missing });
    let ends = [Ok(()), torn(3), torn(2), torn(1), torn(3), torn(2), torn(1), Ok(()), torn(3), torn(2), torn(1), Ok(())];
    for (cut, end) in ends.into_iter().enumerate() {
        let mut decoder = FrameDecoder::new();
        decoder.feed(&stream[..cut]);
        while decoder.next_frame().unwrap().is_some() {}
        assert_eq!(decoder.end(), end, "after {cut} bytes");
    }
}

// threat E1, E5
#[test]
fn memory_follows_what_has_arrived_and_not_what_was_announced() {
    let dribble = [7; 1000];
    let mut decoder = FrameDecoder::new();
    let mut live = 0;
    for round in 0..6000 {
        let (_, more) = counting::left(|| decoder.feed(if round == 0 { &[0, 0, 0, 8] } else { &dribble }));
        live += more;
        let received = round * 1000 + PREFIX;
        let allowed = 2 * received + (64 << 10);
        assert!(live.unsigned_abs() <= allowed, "{live} bytes live after {received}, {allowed} allowed");
    }
    assert_eq!(decoder.next_frame(), Ok(None));
}

/// The bytes of `room` that the system has given memory.
#[cfg(target_os = "linux")]
fn resident(room: &[u8]) -> usize {
    const PAGE: usize = 4096;
    let start = room.as_ptr() as usize / PAGE * PAGE;
    let pages = (room.as_ptr() as usize + room.len() - start).div_ceil(PAGE);
    let mut is_there = vec![0; pages];
    // SAFETY: the pages are those of a slice, and there is a byte for each of them.
    let asked = unsafe { libc::mincore(start as *mut _, pages * PAGE, is_there.as_mut_ptr()) };
    assert_eq!(asked, 0);
    is_there.iter().filter(|is_there| **is_there & 1 != 0).count() * PAGE
}

// threat E1, E5
#[cfg(target_os = "linux")]
#[test]
fn room_for_a_whole_frame_is_given_its_memory_as_bytes_arrive() {
    /// A large page, twice: where the bytes end, and where the room begins.
    const SLACK: usize = 4 << 20;
    let mut decoder = FrameDecoder::new();
    decoder.feed(&announce(MAX_FRAME));
    let piece = vec![7; 1 << 20];
    let mut has_room = false;
    for arrived in 1..=64 {
        decoder.feed(&piece);
        let room = decoder.spare();
        let (length, given) = (room.len(), resident(room));
        // Before a sixteenth has come, the room is no larger than what has.
        assert!(arrived >= 8 || length <= (arrived << 20) + (64 << 10), "{length} bytes of room after {arrived} MiB");
        if arrived >= 16 {
            assert!(length > MAX_FRAME - (arrived << 20), "there is room for all, which is not moved any more");
            assert!(given <= SLACK, "{given} bytes given after {arrived} MiB");
            has_room = true;
        }
    }
    assert!(has_room);
}

#[test]
fn a_frame_costs_no_more_than_twice_its_size_while_it_arrives() {
    let size = 24 << 20;
    let bytes = frame(&vec![7; size]);
    let (_, peak) = counting::peak(|| {
        let mut decoder = FrameDecoder::new();
        bytes.chunks(100_000).for_each(|chunk| decoder.feed(chunk));
        assert_eq!(decoder.next_frame().unwrap().unwrap().len(), size);
    });
    assert!(peak <= 2 * size + (128 << 10), "{peak} bytes");
}

#[test]
fn memory_is_given_back_after_a_big_frame() {
    let bytes = frame(&vec![7; 8 << 20]);
    let mut decoder = FrameDecoder::new();
    let (_, left) = counting::left(|| {
        decoder.feed(&bytes);
        assert!(decoder.next_frame().unwrap().is_some());
        decoder.spare();
    });
    assert!(left <= 128 << 10, "{left} bytes");
}

#[test]
fn memory_is_given_back_though_the_stream_never_pauses() {
    let mut decoder = FrameDecoder::new();
    let small = frame(&[1; 100]);
    let (first, rest) = small.split_at(10);
    let (_, left) = counting::left(|| {
        // Every piece ends within a frame.
        decoder.feed(&[&frame(&vec![7; 8 << 20])[..], first].concat());
        for _ in 0..20 {
            assert!(decoder.next_frame().unwrap().is_some());
            decoder.feed(&[rest, first].concat());
        }
    });
    assert!(left <= 160 << 10, "{left} bytes");
    assert_eq!(decoder.next_frame(), Ok(Some(Payload::Small(&[1; 100]))));
}

#[test]
fn there_is_always_room_to_read_into() {
    let mut decoder = FrameDecoder::new();
    let stream: Vec<u8> = (0..3000_u32).flat_map(|index| frame(&index.to_le_bytes().repeat(9))).collect();
    let (mut rest, mut taken) = (stream.as_slice(), 0);
    while !rest.is_empty() {
        let spare = decoder.spare();
        assert!(!spare.is_empty());
        let count = spare.len().min(rest.len()).min(4096);
        spare[..count].copy_from_slice(&rest[..count]);
        decoder.advance(count);
        rest = &rest[count..];
        while decoder.next_frame().unwrap().is_some() {
            taken += 1;
        }
    }
    assert_eq!(taken, 3000);
}
