//! A server over plain sockets that follows a script and records the requests.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

use super::action::{Action, Latch, ReceivedRequest, respond};
use super::waiting::wait_while;

const EMFILE: i32 = rustix::io::Errno::MFILE.raw_os_error();
/// The pause before the bytes of [`Action::Trickle`] and [`Action::Drip`].
const TRICKLE_INTERVAL: Duration = Duration::from_millis(10);

/// All requests and connections of a server.
#[derive(Debug)]
pub struct Record {
    pub requests: Vec<ReceivedRequest>,
    pub connections: usize,
}

#[derive(Default)]
struct State {
    requests: Vec<ReceivedRequest>,
    connections: Vec<TcpStream>,
    /// How many responses have been sent, at least in part.
    responses: usize,
    /// The latches that delay responses.
    latches: Vec<Latch>,
    /// The client's address of the last connection, if the server is to end.
    last: Option<SocketAddr>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// A server on its own port. Its end joins its threads and passes their panics on.
pub struct Server {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    listener_thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Does the action that `script` returns for each request, on any number of connections.
    pub fn start(script: impl Fn(&ReceivedRequest) -> Action + Send + Sync + 'static) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").unwrap(), script)
    }

    /// The same on this listener.
    pub fn at(
        listener: TcpListener,
        script: impl Fn(&ReceivedRequest) -> Action + Send + Sync + 'static,
    ) -> Self {
        Self::serving_at(listener, move |stream, shared, connection| {
            serve(stream, &shared, connection, &script);
        })
    }

    /// Does these actions one after the other, for any request on any connection. Later requests
    /// get 501, which no client retries.
    pub fn script(actions: impl IntoIterator<Item = Action>) -> Self {
        let actions: Vec<Action> = actions.into_iter().collect();
        Self::start(move |received| {
            let beyond = || respond(501, &[], "{\"error\": \"beyond the script\"}");
            actions.get(received.number).cloned().unwrap_or_else(beyond)
        })
    }

    /// Does the same for every request.
    pub fn always(action: Action) -> Self {
        Self::start(move |_| action.clone())
    }

    /// Closes each connection at once.
    pub fn closing() -> Self {
        Self::serving(|stream, _, _| {
            let _ = stream.shutdown(Shutdown::Both);
        })
    }

    /// Accepts every connection and sends nothing, not even a TLS record.
    pub fn silent() -> Self {
        Self::serving(|mut stream, shared, connection| {
            let mut buffer = [0; 4096];
            let mut received = Vec::new();
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                received.extend_from_slice(&buffer[..read]);
                let head = String::from_utf8_lossy(&received).into_owned();
                shared.record(connection, head, Vec::new());
            }
        })
    }

    /// Reads the head of a request, and nothing after it.
    pub fn ignoring_bodies() -> Self {
        Self::serving(|stream, shared, connection| {
            let mut reader = Reader { stream, unread: Vec::new() };
            if let Some(head) = reader.head() {
                shared.record(connection, head, Vec::new());
            }
            shared.wait_for_the_end();
        })
    }

    fn serving(handle: impl Fn(TcpStream, Arc<Shared>, usize) + Send + Sync + 'static) -> Self {
        Self::serving_at(TcpListener::bind("127.0.0.1:0").unwrap(), handle)
    }

    fn serving_at(
        listener: TcpListener,
        handle: impl Fn(TcpStream, Arc<Shared>, usize) + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let listener_thread = {
            let shared = Arc::clone(&shared);
            let handle = Arc::new(handle);
            std::thread::spawn(move || listen(&listener, &shared, &handle))
        };
        Self { address, shared, listener_thread: Some(listener_thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until this number of requests has arrived.
    pub fn wait_for_requests(&self, count: usize) {
        let state = self.shared.state.lock().unwrap();
        let what = format!("{count} requests");
        let changed = &self.shared.changed;
        drop(wait_while(changed, state, &what, |state| state.requests.len() < count));
    }

    /// Waits until this number of responses has been sent, at least in part.
    pub fn wait_for_responses(&self, count: usize) {
        let state = self.shared.state.lock().unwrap();
        let what = format!("{count} responses");
        let changed = &self.shared.changed;
        drop(wait_while(changed, state, &what, |state| state.responses < count));
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.state.lock().unwrap().requests.clone()
    }

    /// The number of requests so far.
    pub fn requests_so_far(&self) -> usize {
        self.shared.state.lock().unwrap().requests.len()
    }

    /// Ends the server after it has read everything that clients have sent, and returns its record.
    pub fn finish(mut self) -> Record {
        self.stop();
        let mut state = self.shared.state.lock().unwrap();
        let requests = std::mem::take(&mut state.requests);
        Record { requests, connections: state.connections.len() }
    }

    fn stop(&mut self) {
        let Some(listener_thread) = self.listener_thread.take() else { return };
        let mut state = self.shared.state.lock().unwrap();
        state.latches.iter().for_each(Latch::open);
        // The system accepts connections in the order of their arrival, so this is the last one.
        let last = TcpStream::connect(self.address).unwrap();
        state.last = Some(last.local_addr().unwrap());
        drop(state);
        self.shared.changed.notify_all();
        if let Err(panic) = listener_thread.join()
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn count_response(&self) {
        self.state.lock().unwrap().responses += 1;
        self.changed.notify_all();
    }

    /// Waits until the latch opens or the server is to end.
    fn wait_for(&self, latch: &Latch) {
        let mut state = self.state.lock().unwrap();
        state.latches.push(latch.clone());
        let ending = state.last.is_some();
        drop(state);
        if !ending {
            latch.wait();
        }
    }

    fn wait_for_the_end(&self) {
        let state = self.state.lock().unwrap();
        let changed = &self.changed;
        drop(wait_while(changed, state, "the end of the server", |state| state.last.is_none()));
    }

    fn record(&self, connection: usize, head: String, body: Vec<u8>) -> ReceivedRequest {
        let mut state = self.state.lock().unwrap();
        let received = ReceivedRequest { number: state.requests.len(), connection, head, body };
        state.requests.push(received.clone());
        self.changed.notify_all();
        received
    }
}

fn listen(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    handle: &Arc<impl Fn(TcpStream, Arc<Shared>, usize) + Send + Sync + 'static>,
) {
    let mut threads = Vec::new();
    loop {
        let (stream, peer) = match listener.accept() {
            // A test may use all descriptors for a while.
            Err(error) if error.raw_os_error() == Some(EMFILE) => {
                std::thread::yield_now();
                continue;
            }
            accepted => accepted.unwrap(),
        };
        stream.set_nodelay(true).unwrap();
        let mut state = shared.state.lock().unwrap();
        if state.last == Some(peer) {
            break;
        }
        let connection = state.connections.len();
        state.connections.push(stream.try_clone().unwrap());
        drop(state);
        let (shared, handle) = (Arc::clone(shared), Arc::clone(handle));
        threads.push(std::thread::spawn(move || handle(stream, shared, connection)));
    }
    for stream in &shared.state.lock().unwrap().connections {
        // The threads can still read the bytes that have arrived, and then get the end of the stream.
        let _ = stream.shutdown(Shutdown::Read);
    }
    for thread in threads {
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

fn serve(
    stream: TcpStream,
    shared: &Shared,
    connection: usize,
    script: &impl Fn(&ReceivedRequest) -> Action,
) {
    let mut reader = Reader { stream, unread: Vec::new() };
    while let Some((head, body)) = reader.request() {
        let received = shared.record(connection, head, body);
        if !reader.perform(script(&received), shared) {
            return;
        }
    }
}

/// The server's side of a connection.
struct Reader {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Reader {
    /// The head of the next request; `None` if the client has closed the connection.
    fn head(&mut self) -> Option<String> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more()?;
        };
        Some(String::from_utf8(self.unread.drain(..end).collect()).unwrap())
    }

    /// The next request; `None` if the client has closed the connection.
    fn request(&mut self) -> Option<(String, Vec<u8>)> {
        let head = self.head()?;
        if head.to_ascii_lowercase().contains("\r\ntransfer-encoding: chunked\r\n") {
            return Some((head, self.chunks()?));
        }
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.trim().parse().unwrap());
        while self.unread.len() < length {
            self.more()?;
        }
        Some((head, self.unread.drain(..length).collect()))
    }

    /// The content of a body that is sent in chunks.
    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let size_end = loop {
                match self.unread.windows(2).position(|two| two == b"\r\n") {
                    Some(at) => break at,
                    None => self.more()?,
                }
            };
            let line: Vec<u8> = self.unread.drain(..size_end + 2).collect();
            let size = str::from_utf8(&line[..size_end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            while self.unread.len() < size + 2 {
                self.more()?;
            }
            content.extend(self.unread.drain(..size));
            assert_eq!(self.unread.drain(..2).as_slice(), b"\r\n", "no line end after a chunk");
            if size == 0 {
                return Some(content);
            }
        }
    }

    fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).unwrap_or(0);
        self.unread.extend_from_slice(&buffer[..read]);
        (read > 0).then_some(())
    }

    /// Does the action. Returns `false` if the connection is over. The client may have closed it.
    fn perform(&mut self, action: Action, shared: &Shared) -> bool {
        match action {
            Action::Reply(bytes) => self.stream.write_all(&bytes).is_ok(),
            Action::CloseAfter(bytes) => {
                let _ = self.stream.write_all(&bytes);
                // The server's copy of the descriptor would keep the connection open.
                let _ = self.stream.shutdown(Shutdown::Both);
                false
            }
            Action::Reset(bytes) => {
                let _ = self.stream.write_all(&bytes);
                self.reset();
                false
            }
            Action::Silence(bytes) => {
                let _ = self.stream.write_all(&bytes);
                shared.count_response();
                while self.more().is_some() {}
                false
            }
            Action::Endless(first, again) => {
                let _ = self.stream.write_all(&first);
                while self.stream.write_all(&again).is_ok() {}
                false
            }
            Action::Trickle(first, again) => {
                self.trickle(&first, &again);
                false
            }
            Action::Drip(first, bytes) => {
                self.stream.write_all(&first).is_ok() && self.drip(&bytes)
            }
            Action::Delayed(first, latch, late) => {
                let first = self.stream.write_all(&first);
                shared.wait_for(&latch);
                let both = first.and_then(|()| self.stream.write_all(&late));
                shared.count_response();
                both.is_ok()
            }
            Action::WaitThen(latch, action) => {
                shared.wait_for(&latch);
                self.perform(*action, shared)
            }
        }
    }

    fn trickle(&mut self, first: &[u8], again: &[u8]) {
        let mut sent = self.stream.write_all(first);
        while sent.is_ok() && self.pause() {
            sent = self.stream.write_all(again);
        }
    }

    /// Returns `false` if the client has closed the connection.
    fn drip(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| self.pause() && self.stream.write_all(&[*byte]).is_ok())
    }

    /// Pauses with a read: the client sends nothing, but may close the connection. Returns `false` if it has.
    fn pause(&self) -> bool {
        self.stream.set_read_timeout(Some(TRICKLE_INTERVAL)).unwrap();
        let read = (&self.stream).read(&mut [0]);
        self.stream.set_read_timeout(None).unwrap();
        matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// With a linger time of zero, a close is a reset (RST). The server keeps a copy of the
    /// descriptor, so this disconnects the socket at once.
    fn reset(&self) {
        set_socket_linger(&self.stream, Some(Duration::ZERO)).unwrap();
        let _ = rustix::net::connect_unspec(&self.stream);
    }
}
