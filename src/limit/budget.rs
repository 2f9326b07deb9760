//! The retry budget of a client family: how many retries its calls may make before calls succeed
//! again.
//!
//! If a server fails for all calls, each with three retries, it would get four times the requests,
//! at the worst moment. The budget stops that: retries take tokens, and responses bring them back.
//! The amounts are those of the standard retry mode of the AWS SDKs.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The tokens of a new budget.
pub const DEFAULT_TOKENS: u32 = 500;
/// The tokens that a retry takes.
const COST_OF_FAILURE: u32 = 14;
/// The tokens that a retry takes if the server limits the rate: it still works.
const COST_OF_RATE_LIMIT: u32 = 5;
/// The tokens that a call without retries brings.
const FIRST_RESPONSE: u32 = 1;

/// A number of tokens. Any number of threads may use it at once. Each forked process continues with
/// its own copy.
#[derive(Debug)]
pub struct RetryBudget {
    tokens: AtomicU32,
    /// 0: retries need no tokens.
    capacity: AtomicU32,
}

/// What a call has taken from the budget for its last retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawal(u32);

impl RetryBudget {
    /// A full budget with [`DEFAULT_TOKENS`].
    #[must_use]
    pub const fn new() -> Self {
        Self { tokens: AtomicU32::new(DEFAULT_TOKENS), capacity: AtomicU32::new(DEFAULT_TOKENS) }
    }

    /// Sets the number of tokens, and fills the budget. 0: retries need no tokens.
    pub fn set_capacity(&self, tokens: u32) {
        self.capacity.store(tokens, Relaxed);
        self.tokens.store(tokens, Relaxed);
    }

    /// Takes the tokens for a retry; `None` if too few are left.
    #[must_use]
    pub fn withdraw(&self, rate_limited: bool) -> Option<Withdrawal> {
        let cost = if rate_limited { COST_OF_RATE_LIMIT } else { COST_OF_FAILURE };
        if self.capacity.load(Relaxed) == 0 {
            return Some(Withdrawal(0));
        }
        let taken = self.tokens.fetch_update(Relaxed, Relaxed, |tokens| tokens.checked_sub(cost));
        taken.ok().map(|_| Withdrawal(cost))
    }

    /// Brings tokens back after a response: those of the last retry, or a few if there was none.
    pub fn deposit(&self, last_retry: Option<Withdrawal>) {
        let tokens = last_retry.map_or(FIRST_RESPONSE, |Withdrawal(tokens)| tokens);
        let capacity = self.capacity.load(Relaxed);
        // A full budget, the usual case, is only read.
        let _ = self.tokens.fetch_update(Relaxed, Relaxed, |left| {
            (left < capacity).then(|| left.saturating_add(tokens).min(capacity))
        });
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of retries until the budget refuses one.
    fn retries_left(budget: &RetryBudget, rate_limited: bool) -> u32 {
        (0..).find(|_| budget.withdraw(rate_limited).is_none()).unwrap()
    }

    #[test]
    fn failures_cost_more_than_rate_limits() {
        assert_eq!(retries_left(&RetryBudget::new(), false), 35);
        assert_eq!(retries_left(&RetryBudget::new(), true), 100);
    }

    #[test]
    fn a_successful_retry_brings_back_its_cost() {
        let budget = RetryBudget::new();
        budget.set_capacity(14);
        for _ in 0..1000 {
            let taken = budget.withdraw(false);
            assert!(taken.is_some(), "retries that succeed never use up the budget");
            budget.deposit(taken);
        }
    }

    #[test]
    fn a_call_without_retries_brings_one_token() {
        let budget = RetryBudget::new();
        retries_left(&budget, false);
        // 35 retries have left 10 tokens.
        for _ in 0..4 {
            assert_eq!(budget.withdraw(false), None, "a retry takes 14 tokens");
            budget.deposit(None);
        }
        assert!(budget.withdraw(false).is_some());
    }

    #[test]
    fn tokens_never_exceed_the_capacity() {
        let budget = RetryBudget::new();
        for _ in 0..1000 {
            budget.deposit(None);
        }
        assert_eq!(retries_left(&budget, false), 35);
        let taken = RetryBudget::new().withdraw(false);
        budget.set_capacity(20);
        budget.deposit(taken);
        assert_eq!(retries_left(&budget, false), 1);
    }

    #[test]
    fn a_capacity_of_zero_allows_every_retry() {
        let budget = RetryBudget::new();
        retries_left(&budget, false);
        budget.set_capacity(0);
        assert!((0..1000).all(|_| budget.withdraw(false) == Some(Withdrawal(0))));
        budget.deposit(Some(Withdrawal(0)));
        budget.set_capacity(28);
        assert_eq!(retries_left(&budget, false), 2);
    }

    /// A simulation: a server that answers a share of all requests with an error, for calls with up
    /// to three retries. Returns the requests for each call.
    fn requests_per_call(failing_percent: u32, calls: u32) -> f64 {
        let budget = RetryBudget::new();
        // A fixed sequence of random numbers (xorshift), so that the test always gives the same.
        let mut state = 0x2545_F491_u32;
        let mut fails = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state % 100 < failing_percent
        };
        let mut requests = 0;
        for _ in 0..calls {
            let mut taken = None;
            for attempt in 0..4 {
                requests += 1;
                if !fails() {
                    budget.deposit(taken);
                    break;
                }
                if attempt == 3 {
                    break;
                }
                match budget.withdraw(false) {
                    None => break,
                    withdrawal => taken = withdrawal,
                }
            }
        }
        f64::from(requests) / f64::from(calls)
    }

    #[test]
    fn a_storm_of_failures_costs_less_than_a_tenth_more_requests() {
        let storm = requests_per_call(100, 1000);
        assert!((1.0..1.1).contains(&storm), "{storm} requests for each call");
        // Without a budget, these calls need 3.4 and 1.9 requests.
        let most = requests_per_call(90, 10_000);
        assert!((1.0..1.1).contains(&most), "{most} requests for each call");
        let half = requests_per_call(50, 10_000);
        assert!((1.0..1.3).contains(&half), "{half} requests for each call");
    }

    #[test]
    fn rare_failures_are_all_retried() {
        let rare = requests_per_call(5, 10_000);
        assert!((1.04..1.06).contains(&rare), "{rare} requests for each call");
    }
}
