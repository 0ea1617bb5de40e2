//! The parts that a console call left out of its arguments. **What was printed is not shown again.**

use drupe_client::{Error, Handle, Kernel, preview::Node};

use super::{Pages, STRING_PAGE, through_proxy};
use crate::finder::{Finder, MAX_PLACES, Place, elements};

/// How many entries of a list a console call prints: of most lists, and of bytes.
const SHOWN: [u64; 2] = [100, 50];
/// Pages of an object that are looked through for what was left out inside.
const MAX_PAGES: usize = 20;

/// The first entry of a list of `size` that was not printed. `counts`: what the text says that it leaves out.
fn first_left_out(size: u64, counts: &[u64]) -> Option<u64> {
    SHOWN.into_iter().find(|shown| size.checked_sub(*shown).is_some_and(|more| counts.contains(&more)))
}

/// What the print of an argument left out, if it is an object (strings are printed whole), and the handles that lead
/// there.
pub(super) async fn left_out(kernel: &Kernel, argument: Handle, counts: &[u64]) -> Result<(Vec<Place>, Vec<Handle>), Error> {
    let (_, head) = through_proxy(kernel, argument).await?;
    let Node::Object(object) = head.head else { return Ok((Vec::new(), Vec::new())) };
    let size = elements(&object);
    let rest = first_left_out(size, counts);
    let whole = Place { from: argument, steps: Vec::new(), label: String::new(), start: 0, end: rest, shown: 0 };
    let (mut inside, handles) = look_inside(kernel, &whole).await?;
    let mut places = inside.more.drain(..).filter_map(|place| unprinted(place, counts)).collect::<Vec<_>>();
    // What has names comes behind, and was printed.
    places.extend(rest.map(|start| Place { start, end: Some(size), ..whole }));
    places.extend(inside.cut);
    Ok((places, handles))
}

/// Finds what is left out in the values of an object, and the handles of those.
async fn look_inside(kernel: &Kernel, whole: &Place) -> Result<(Finder, Vec<Handle>), Error> {
    let (mut finder, mut handles) = (Finder::default(), Vec::new());
    let mut place = whole.clone();
    for _ in 0..MAX_PAGES {
        let (handle, head) = through_proxy(kernel, place.from).await?;
        let Pages { next, total, nested, .. } = Pages::read(kernel, handle, &place, head).await?;
        for nested in nested {
            let found = finder.more.len() + finder.cut.len();
            finder.node(&nested.value, nested.handle, &[], &nested.label);
            if finder.more.len() + finder.cut.len() > found {
                handles.push(nested.handle);
            } else {
                kernel.release([nested.handle]);
            }
        }
        if next <= place.start || next >= total || finder.more.len() + finder.cut.len() >= MAX_PLACES {
            break;
        }
        place.start = next;
    }
    Ok((finder, handles))
}

/// What was not printed of a part. A page says less of each value than a console call does.
fn unprinted(place: Place, counts: &[u64]) -> Option<Place> {
    match place.end {
        Some(size) => first_left_out(size, counts).map(|start| Place { start, ..place }),
        // Of a string, as much as a page was printed.
        None if place.shown == 0 && !counts.is_empty() => Some(Place { start: place.start.max(STRING_PAGE), ..place }),
        None => None,
    }
}
