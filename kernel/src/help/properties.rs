//! What is in an object that the parent has a handle of.

use std::time::{Duration, Instant};

use drupe_protocol::{
    Reply,
    handles::{HandleStale, MAX_PAGE, Properties, PropertiesListed, Property, Release},
};

use crate::{
    inspect::{self, Item},
    realm::Realm,
};

/// A page ends when it has taken so long; the run that is interrupted waits meanwhile.
const PATIENCE: Duration = Duration::from_millis(15);

/// Answers a question.
pub(super) fn answer(scope: &mut v8::PinScope, realm: &Realm, question: &Properties) -> Reply {
    let until = Instant::now() + PATIENCE;
    let found = realm.handles.borrow().find(question.handle).map(|object| v8::Local::new(scope, object));
    let object = match found {
        Ok(object) => object,
        Err(reason) => return Reply::HandleStale(HandleStale { id: question.id, reason }),
    };
    let page = inspect::page(scope, object, question.start, question.count.min(MAX_PAGE), until);
    let prototype = page.prototype.map(|item| property(scope, realm, item));
    let items = page.items.into_iter().map(|item| property(scope, realm, item)).collect();
    let (head, total, next) = (page.head, page.total, page.next);
    Reply::PropertiesListed(Box::new(PropertiesListed { id: question.id, head, prototype, total, next, items }))
}

/// Lets go of what the parent does not need any more.
pub(super) fn release(realm: &Realm, release: &Release) {
    let mut handles = realm.handles.borrow_mut();
    release.handles.iter().for_each(|handle| handles.release(*handle));
}

fn property(scope: &v8::PinScope, realm: &Realm, item: Item) -> Property {
    let mut handles = realm.handles.borrow_mut();
    let attributes = item.attributes.unwrap_or(v8::PropertyAttribute::NONE);
    Property {
        handle: item.value.and_then(|value| handles.give(scope, value)),
        key_handle: item.key_value.and_then(|key| handles.give(scope, key)),
        key: item.key,
        value: item.node,
        hidden: attributes.is_dont_enum(),
        read_only: attributes.is_read_only(),
        fixed: attributes.is_dont_delete(),
    }
}
