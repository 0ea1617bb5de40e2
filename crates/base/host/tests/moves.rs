//! What it costs to move a folder: memory, and other kernels' time.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod calls;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::poll_fn,
    os::fd::OwnedFd,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
};

use calls::Place;
use rustix::fs::{CWD, Mode, OFlags};

/// Counts what is allocated, and the most that was at once.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does all the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(NOW.fetch_add(layout.size(), Ordering::SeqCst) + layout.size(), Ordering::SeqCst);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::SeqCst);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn open(path: &std::path::Path) -> OwnedFd {
    rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).unwrap()
}

/// Folders in one another, `depth` of them with long names, and `width` in the last one.
fn tree(place: &Place, name: &str, depth: usize, width: usize) {
    place.folder(name);
    let mut at = open(&place.root.join(name));
    let long = "n".repeat(240);
    for _ in 0..depth {
        rustix::fs::mkdirat(&at, &*long, Mode::RWXU).unwrap();
        at = rustix::fs::openat(&at, &*long, OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
    (0..width).for_each(|folder| rustix::fs::mkdirat(&at, format!("{folder}"), Mode::RWXU).unwrap());
}

// threat K2
#[test]
fn a_folder_that_is_moved_costs_its_names_and_holds_up_nobody() {
    const FOLDERS: usize = 2_500;
    const MOST_LINKS: usize = 100;
    let (place, other) = (Place::open(), Place::open());
    tree(&place, "in/t", 14, FOLDERS);
    place.folder("in/x");
    place.folder("in/small/inner");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let before = NOW.load(Ordering::SeqCst);
        MOST.store(before, Ordering::SeqCst);
        assert_eq!(place.fs("rename", &["in/t", "in/x/t"]).await, "");
        let most = MOST.load(Ordering::SeqCst) - before;
        assert!(most < FOLDERS * 400, "{most} bytes for {FOLDERS} folders");
        // Meanwhile another kernel makes links.
        let mut moving = Box::pin(place.fs("rename", &["in/x/t", "in/t"]));
        let mut made = 0;
        let moved = loop {
            if let Poll::Ready(moved) = poll_fn(|context| Poll::Ready(moving.as_mut().poll(context))).await {
                break moved;
            }
            if made == MOST_LINKS {
                tokio::task::yield_now().await;
                continue;
            }
            assert_eq!(other.symlink("nothing", &format!("in/link{made}")).await, "");
            made += 1;
        };
        assert!(made > 10, "{made} links");
        // It gives up and says so, as between two file systems, or comes in between.
        assert!(["", "EXDEV"].contains(&&*moved), "{moved}");
        // A small folder is moved all the same.
        let mut moving = Box::pin(place.fs("rename", &["in/small", "in/x/small"]));
        let moved = loop {
            if let Poll::Ready(moved) = poll_fn(|context| Poll::Ready(moving.as_mut().poll(context))).await {
                break moved;
            }
            assert_eq!(other.symlink("nothing", &format!("in/link{made}")).await, "");
            made += 1;
        };
        assert_eq!(moved, "");
    });
}
