//! The cookies that servers set: a request sends those that apply, and its response sets new ones.

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderMap, Uri, header};
use url::Url;
use zeroize::Zeroizing;

use crate::auth::cookie;
use crate::log::header_value;
use crate::transport::ExchangeResult;
use crate::wait::Clock;

use super::plan::Plan;

/// Adds the cookies for a request, after the caller's. A cookie of the caller replaces one of the
/// same name.
pub(super) fn add(plan: &Plan<'_>, uri: &Uri, headers: &mut Cow<'_, HeaderMap>, clock: &dyn Clock) {
    let Some(jar) = plan.jar.filter(|_| !plan.has_own_cookies) else { return };
    let jar = jar.load();
    if jar.is_empty() {
        return;
    }
    let Ok(url) = Url::parse(&uri.to_string()) else { return };
    let mut stored = jar.for_url(&url, clock.system_time());
    stored.retain(|stored| plan.cookies.iter().all(|cookie| cookie.name() != &*stored.name));
    if stored.is_empty() {
        return;
    }
    let joined = cookie::join(stored.iter().map(|stored| (&*stored.name, stored.value.expose())));
    let own = headers.get(header::COOKIE).and_then(|own| std::str::from_utf8(own.as_bytes()).ok());
    let line = match own {
        Some(own) => Zeroizing::new([own, "; ", &joined].concat()),
        None => joined,
    };
    if let Ok(line) = header_value(line) {
        headers.to_mut().insert(header::COOKIE, line);
    }
}

/// Stores the cookies that a response sets, even if the exchange failed.
pub(super) fn store(plan: &Plan<'_>, uri: &Uri, exchange: &ExchangeResult, clock: &dyn Clock) {
    if plan.jar.is_none() {
        return;
    }
    let head = match &exchange.outcome {
        Ok(received) => Some(&received.head),
        Err(error) => error.head.as_ref(),
    };
    let (Some(jar), Some(head)) = (plan.jar, head) else { return };
    if !head.headers.contains(&header::SET_COOKIE) {
        return;
    }
    let Ok(url) = Url::parse(&uri.to_string()) else { return };
    let now = clock.system_time();
    jar.rcu(|before| {
        let mut after = before.as_ref().clone();
        if after.store_from(&url, &head.headers, now) {
            Arc::new(after)
        } else {
            Arc::clone(before)
        }
    });
}
