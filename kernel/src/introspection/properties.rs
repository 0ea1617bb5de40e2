//! The contents of an object that the parent has a handle of.

use std::time::Duration;

use drupe_inspect::{self as inspect, Item};
use drupe_protocol::{
    Reply,
    handles::{MAX_PAGE, Properties, PropertiesReply, Property, Release, Stale, StaleReply},
};

use crate::{inspect::presets::ON_A_PAGE, isolate::realm::Realm};

/// A page ends when its positions have taken so long; the run that is interrupted waits meanwhile.
const PATIENCE: Duration = Duration::from_millis(15);

/// Answers a question.
pub(super) fn answer(scope: &mut v8::PinScope, realm: &Realm, question: &Properties) -> Reply {
    let found = realm.handles.borrow().find(question.handle).map(|value| v8::Local::new(scope, value));
    let value = match found {
        Ok(value) => value,
        Err(reason) => return Reply::Stale(StaleReply { id: question.id, reason }),
    };
    let (start, count) = (question.start, question.count.min(MAX_PAGE));
    let page = match (value.try_cast::<v8::Object>(), value.try_cast::<v8::String>()) {
        (Ok(object), _) => inspect::page(scope, object, start, count, PATIENCE, &ON_A_PAGE),
        (_, Ok(string)) => inspect::page_of_string(scope, string, start, count, &ON_A_PAGE),
        // Nothing else has a handle.
        (Err(_), Err(_)) => return Reply::Stale(StaleReply { id: question.id, reason: Stale::Unknown }),
    };
    let prototype = page.prototype.map(|item| property(scope, realm, item));
    let items = page.items.into_iter().map(|item| property(scope, realm, item)).collect();
    let (head, total, next) = (page.head, page.total, page.next);
    Reply::Properties(Box::new(PropertiesReply { id: question.id, head, prototype, total, next, items }))
}

/// Lets go of what the parent does not need any more.
pub(super) fn release(realm: &Realm, release: &Release) {
    let mut handles = realm.handles.borrow_mut();
    release.handles.iter().for_each(|handle| handles.release(*handle));
}

fn property(scope: &v8::PinScope, realm: &Realm, item: Item) -> Property {
    let mut handles = realm.handles.borrow_mut();
    let attributes = item.attributes.unwrap_or(v8::PropertyAttribute::NONE);
    let mut property = Property::new(item.key, item.node);
    property.handle = item.value.and_then(|value| handles.give(scope, value));
    property.key_handle = item.key_value.and_then(|key| handles.give(scope, key));
    property.hidden = attributes.is_dont_enum();
    property.read_only = attributes.is_read_only();
    property.fixed = attributes.is_dont_delete();
    property
}
