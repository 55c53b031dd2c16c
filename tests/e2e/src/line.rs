//! A line to a chain, which can be frayed, cut and mended, and counts what is asked over it.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What the chain may send over a frayed line: more than the longest answer of a test, and far less than it takes in all.
const BYTES_PER_LINE: u64 = 20_000;

/// What becomes of connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// They hold.
    Whole,
    /// Each breaks after [`BYTES_PER_LINE`] that the chain sent; who calls again gets a new one.
    Frayed,
    /// There is none: whoever calls is hung up on.
    Cut,
    /// Nothing comes through, and nobody hangs up.
    Silent,
}

/// A line to a chain.
pub struct Line {
    url: String,
    state: watch::Sender<State>,
    traffic: Arc<Traffic>,
}

#[derive(Default)]
struct Traffic {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Line {
    /// A line to the chain at this URL.
    ///
    /// # Panics
    /// When it is not the URL of a chain on this machine.
    pub async fn to(url: &str) -> Self {
        let target: SocketAddr = url.trim_start_matches("ws://").parse().expect("a chain on this machine");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("ws://{}", listener.local_addr().expect("a listener has an address"));
        let line = Self { url, state: watch::Sender::new(State::Whole), traffic: Arc::default() };
        let (state, traffic) = (line.state.clone(), line.traffic.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                traffic.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(carry(near, target, state.subscribe(), traffic.clone()));
            }
        });
        line
    }

    /// Where clients connect.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks all connections, and from now on each after a while.
    pub fn fray(&self) {
        self.state.send_replace(State::Frayed);
    }

    /// Breaks all connections, and lets nobody in.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Lets nothing through any more, and breaks no connection.
    pub fn silence(&self) {
        self.state.send_replace(State::Silent);
    }

    /// Lets everything through again. Connections from before are broken.
    pub fn mend(&self) {
        self.state.send_replace(State::Whole);
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.traffic.connections.load(Ordering::SeqCst)
    }

    /// How many requests contained this text.
    ///
    /// # Panics
    /// When what carries them has panicked.
    pub fn asked(&self, text: &str) -> usize {
        self.traffic.requests.lock().expect("it is whole").iter().filter(|request| request.contains(text)).count()
    }
}

/// Carries bytes both ways until one end is done or the line changes. However it ends, both ends are closed by being dropped.
async fn carry(near: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>, traffic: Arc<Traffic>) {
    let begun = *state.borrow_and_update();
    if matches!(begun, State::Cut | State::Silent) {
        return hold(state).await;
    }
    let Ok(far) = TcpStream::connect(target).await else { return };
    let ((near_read, mut near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let mut far_read = far_read.take(if begun == State::Frayed { BYTES_PER_LINE } else { u64::MAX });
    // Held until the end, so that nobody hangs up on a silent line.
    let mut ask = pin!(relay(near_read, far_write, traffic));
    let mut answer = pin!(copy(&mut far_read, &mut near_write));
    tokio::select! {
        () = &mut ask => {}
        _ = &mut answer => {}
        _ = state.changed() => hold(state).await,
    }
}

/// Waits while the line is silent.
async fn hold(mut state: watch::Receiver<State>) {
    // An error means that the line itself is gone.
    let _ = state.wait_for(|state| *state != State::Silent).await;
}

/// Carries requests to the chain, and notes them.
async fn relay(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin, traffic: Arc<Traffic>) {
    let (mut bytes, mut frames) = (vec![0; 16 * 1024], Frames::default());
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        frames.pending.extend(&bytes[..read]);
        while let Some(request) = frames.next() {
            traffic.requests.lock().expect("it is whole").push(request);
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

/// What a client sends over a WebSocket (RFC 6455, section 5.2): a request of HTTP, and then masked frames.
#[derive(Default)]
struct Frames {
    pending: Vec<u8>,
    is_open: bool,
}

impl Frames {
    /// The content of the next frame, if all of it is there.
    fn next(&mut self) -> Option<String> {
        if !self.is_open {
            const END: &[u8] = b"\r\n\r\n";
            let end = self.pending.windows(END.len()).position(|window| window == END)?;
            self.pending.drain(..end + END.len());
            self.is_open = true;
        }
        let short = usize::from(*self.pending.get(1)? & 0x7f);
        let (len, mask_at) = match short {
            126 => (usize::from(u16::from_be_bytes(self.pending.get(2..4)?.try_into().ok()?)), 4),
            127 => (usize::try_from(u64::from_be_bytes(self.pending.get(2..10)?.try_into().ok()?)).ok()?, 10),
            short => (short, 2),
        };
        let content_at = mask_at + 4;
        let mask: [u8; 4] = self.pending.get(mask_at..content_at)?.try_into().ok()?;
        let masked = self.pending.get(content_at..content_at + len)?;
        let content = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        self.pending.drain(..content_at + len);
        Some(String::from_utf8(content).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_however_they_are_cut() {
        let mut sent = b"GET / HTTP/1.1\r\n\r\n".to_vec();
        for content in ["one", &"two".repeat(100), &"three".repeat(20_000)] {
            let len = content.len();
            sent.push(0x81);
            match len {
                0..126 => sent.push(0x80 | len as u8),
                126..65536 => sent.extend([&[0x80 | 126][..], &(len as u16).to_be_bytes()].concat()),
                _ => sent.extend([&[0x80 | 127][..], &(len as u64).to_be_bytes()].concat()),
            }
            sent.extend([1, 2, 3, 4]);
            sent.extend(content.bytes().zip([1, 2, 3, 4].into_iter().cycle()).map(|(byte, mask)| byte ^ mask));
        }
        for part in [1, 7, 1000, sent.len()] {
            let (mut frames, mut read) = (Frames::default(), Vec::new());
            for bytes in sent.chunks(part) {
                frames.pending.extend(bytes);
                read.extend(std::iter::from_fn(|| frames.next()));
            }
            assert_eq!(read, ["one".to_owned(), "two".repeat(100), "three".repeat(20_000)], "{part} bytes at a time");
        }
    }
}
