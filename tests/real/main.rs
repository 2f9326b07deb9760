//! The library against real parts: nginx, a proxy, a SOCKS server. A part that is not installed is
//! skipped aloud, by its name.

mod certificates;
mod nginx;
mod part;
mod proxies;
