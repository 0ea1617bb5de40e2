//! Modules from the network: each hop requires permission, and all content must match the hash that was recorded on
//! first use.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use drupe_protocol::HostError;
use tokio::task::JoinSet;
use url::Url;

use super::{
    errors,
    fetch::{Budget, Fetch, FetchRequest, Fetched},
    gate::Gate,
    lock_file::LockFile,
    remote_store::Store,
    worker::Worker,
};
use crate::{
    Pending,
    net::{Client, Guard},
    permissions::Kind,
};

/// The longest module from the network, in bytes.
pub(super) const MAX_BYTES: u64 = 32 << 20;
/// What the modules of one graph may bring from the network together, in bytes, redirects and failures included.
const MAX_GRAPH: u64 = 64 << 20;
/// How many modules of one graph may come from the network, redirects included. Those that are kept on disk do not
/// count.
const MAX_FETCHES: u64 = 2_500;
/// What of that is kept until it is loaded, in bytes. The rest is read from the disk then.
const MAX_KEPT: usize = 16 << 20;
/// How many modules of one graph are got at once.
const AT_ONCE: usize = 8;
/// How long one may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// What is asked for.
const ACCEPT: &str = "text/javascript, application/typescript, application/json, application/wasm, */*;q=0.5";
/// How many redirects are followed.
const MAX_HOPS: usize = 10;

impl Fetch for Client {
    fn fetch(&self, request: FetchRequest) -> Pending<Result<Fetched, HostError>> {
        let client = self.clone();
        Box::pin(async move {
            let FetchRequest { url, max_bytes, budget, permissions, run, .. } = request;
            let guard = Guard::new(&permissions, Kind::Import, "import", run);
            let limit = usize::try_from(max_bytes).unwrap_or(usize::MAX);
            let got = client.get_within(&guard, url.as_str(), ACCEPT, limit, |bytes| budget.take(bytes as u64)).await?;
            let header = |name: &str| got.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone());
            let (location, content_type) = (header("location"), header("content-type"));
            Ok(Fetched { status: got.status, location, content_type, body: got.body })
        })
    }
}

/// How modules come from the network.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) fetch: Option<Arc<dyn Fetch>>,
    pub(super) store: Store,
    pub(super) lock: Option<LockFile>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("store", &self.store).finish_non_exhaustive()
    }
}

/// A module's text.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) mime: String,
    pub(super) body: Vec<u8>,
}

/// What one call got from the network.
#[derive(Debug)]
pub(super) struct Visit {
    remote: Remote,
    budget: Budget,
    got: Mutex<Got>,
}

#[derive(Debug, Default)]
struct Got {
    /// Where each URL was found at last.
    places: HashMap<Url, Url>,
    contents: HashMap<Url, Content>,
    /// What the contents weigh.
    bytes: usize,
}

impl Got {
    fn keep(&mut self, asked: Url, place: Url, content: Content) {
        if self.bytes + content.body.len() <= MAX_KEPT && !self.contents.contains_key(&place) {
            self.bytes += content.body.len();
            self.contents.insert(place.clone(), content);
        }
        self.places.insert(asked, place.clone());
        self.places.insert(place.clone(), place);
    }

    fn take(&mut self, place: &Url) -> Option<Content> {
        let content = self.contents.remove(place)?;
        self.bytes -= content.body.len();
        Some(content)
    }
}

/// Why a module could not be got.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) error: HostError,
    /// The URL that was asked for, if it is about one.
    pub(super) url: Option<Url>,
}

impl Missed {
    fn at(url: &Url, error: HostError) -> Box<Self> {
        Box::new(Self { error, url: Some(url.clone()) })
    }
}

impl From<HostError> for Box<Missed> {
    fn from(error: HostError) -> Self {
        Self::new(Missed { error, url: None })
    }
}

impl Visit {
    pub(super) fn new(remote: Remote) -> Self {
        Self { remote, budget: Budget::new(MAX_GRAPH), got: Mutex::default() }
    }

    fn got(&self) -> MutexGuard<'_, Got> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gets modules, a few at once: the URLs at which they were found at last, in the same order.
    pub(super) fn locate(&self, worker: &Worker, gate: &Arc<Gate>, urls: Vec<Url>) -> Result<Vec<Url>, Box<Missed>> {
        let located = worker.wait(async {
            let got = self.get_all(gate, &urls).await;
            self.remote.save().await?;
            got?;
            let places = |url| self.got().places.get(url).cloned();
            Ok(urls.iter().map(places).collect::<Option<Vec<_>>>().ok_or_else(HostError::default)?)
        });
        located.unwrap_or_else(|| Err(HostError::default().into()))
    }

    async fn get_all(&self, gate: &Arc<Gate>, urls: &[Url]) -> Result<(), Box<Missed>> {
        let mut asked = HashSet::new();
        let mut rest = urls.iter().filter(|url| asked.insert(*url));
        let mut tasks = JoinSet::new();
        loop {
            while tasks.len() < AT_ONCE
                && let Some(url) = rest.next()
            {
                let known = self.got().places.get(url).cloned();
                if let Some(place) = known {
                    // It is known where it is; whether it may be had is asked each time.
                    permit(gate, &place).await.map_err(|error| Missed::at(url, error))?;
                    continue;
                }
                let (remote, gate, url, budget) = (self.remote.clone(), gate.clone(), url.clone(), self.budget.clone());
                tasks.spawn(async move {
                    let got = remote.get(&gate, url.clone(), &budget).await;
                    (url, got)
                });
            }
            let Some(done) = tasks.join_next().await else { return Ok(()) };
            let Ok((url, got)) = done else { return Err(HostError::default().into()) };
            let (place, content) = got.map_err(|error| Missed::at(&url, error))?;
            self.got().keep(url, place, content);
        }
    }

    /// The text of a module that was located.
    pub(super) fn content(&self, worker: &Worker, gate: &Arc<Gate>, url: &Url) -> Result<Content, HostError> {
        if let Some(content) = self.got().take(url) {
            return Ok(content);
        }
        let got = worker.wait(self.remote.get(gate, url.clone(), &self.budget));
        let (place, content) = got.unwrap_or_else(|| Err(HostError::default()))?;
        let moved = || errors::error("ERR_NETWORK_IMPORT_BAD_RESPONSE", format!("import of '{url}' moved while it was loaded"));
        if place == *url { Ok(content) } else { Err(moved()) }
    }
}

impl Remote {
    /// Follows a URL to a module: its last URL, and its text.
    async fn get(&self, gate: &Gate, mut url: Url, budget: &Budget) -> Result<(Url, Content), HostError> {
        url.set_fragment(None);
        for _ in 0..=MAX_HOPS {
            let answer = self.hop(gate, &url, budget).await?;
            match answer {
                Hop::Here(content) => return Ok((url, content)),
                Hop::There(next) => {
                    if url.scheme() == "https" && next.scheme() != "https" {
                        return Err(bad(&url, &format!("it leads to {next}, which is not secure")));
                    }
                    url = next;
                }
            }
        }
        Err(bad(&url, "it was redirected too often"))
    }

    /// What is at one URL: what was there when it was got first, if it ever was.
    async fn hop(&self, gate: &Gate, url: &Url, budget: &Budget) -> Result<Hop, HostError> {
        let (store, at) = (self.store.clone(), url.clone());
        let stored = tokio::task::spawn_blocking(move || store.read(&at)).await.unwrap_or_else(|_| Err(HostError::default()));
        if !matches!(stored, Ok(None)) {
            // Who fetches requires it, too.
            permit(gate, url).await?;
        }
        if let Some(answer) = stored? {
            self.check(url, &answer)?;
            return interpret(url, answer);
        }
        let Some(fetch) = &self.fetch else {
            let message = format!("import of '{url}' is not supported: this host has no way to the network");
            return Err(errors::error("ERR_NOT_SUPPORTED", message));
        };
        let too_many = || {
            let what = "of them come from the network; what came is kept, so the next import gets more";
            errors::too_much(&format!("more than {MAX_FETCHES} {what}"))
        };
        let budget = budget.share(MAX_FETCHES).ok_or_else(too_many)?;
        let request = FetchRequest {
            url: url.clone(),
            max_bytes: MAX_BYTES,
            timeout: TIMEOUT,
            budget: budget.clone(),
            permissions: gate.permissions().clone(),
            run: gate.run(),
        };
        let answer = tokio::time::timeout(TIMEOUT, fetch.fetch(request)).await;
        let answer = answer.map_err(|_| bad(url, &format!("no answer in {} seconds", TIMEOUT.as_secs())))?;
        let too_much = || errors::too_much(&format!("they bring more than {} MiB from the network", MAX_GRAPH >> 20));
        let answer = answer.map_err(|error| if budget.is_spent() { too_much() } else { error })?;
        // An embedder's `Fetch` may not have taken the bytes from the budget.
        if !budget.take((answer.body.len() as u64).saturating_sub(budget.taken())) {
            return Err(too_much());
        }
        if answer.body.len() as u64 > MAX_BYTES {
            return Err(bad(url, &format!("it has more than {MAX_BYTES} bytes")));
        }
        let hop = interpret(url, answer.clone())?;
        self.check(url, &answer)?;
        let (store, at) = (self.store.clone(), url.clone());
        // What cannot be kept is got again.
        drop(tokio::task::spawn_blocking(move || store.write(&at, &answer)).await);
        Ok(hop)
    }
}

impl Remote {
    /// Holds an answer against the lock file, if there is one.
    fn check(&self, url: &Url, answer: &Fetched) -> Result<(), HostError> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.check(url, answer))
    }

    /// Writes what is new for the lock file.
    async fn save(&self) -> Result<(), HostError> {
        let Some(lock) = self.lock.clone() else { return Ok(()) };
        tokio::task::spawn_blocking(move || lock.save()).await.unwrap_or_else(|_| Err(HostError::default()))
    }
}

/// What an answer means.
enum Hop {
    Here(Content),
    There(Url),
}

fn interpret(url: &Url, answer: Fetched) -> Result<Hop, HostError> {
    match answer.status {
        200..=299 => Ok(Hop::Here(Content { mime: mime(url, answer.content_type), body: answer.body })),
        300..=399 => {
            let next = answer.location.as_deref().and_then(|location| url.join(location).ok());
            let mut next = next.ok_or_else(|| bad(url, "it leads nowhere"))?;
            if !matches!(next.scheme(), "http" | "https") {
                return Err(bad(url, &format!("it leads to {next}, which is not on the network")));
            }
            next.set_fragment(None);
            Ok(Hop::There(next))
        }
        404 => Err(errors::error("ERR_MODULE_NOT_FOUND", format!("Cannot find module '{url}'")).with("url", url.as_str())),
        status => Err(bad(url, &format!("the server answered with status {status}"))),
    }
}

/// The content type; where that says nothing of what it is, what the path ends in does.
fn mime(url: &Url, content_type: Option<String>) -> String {
    let told = content_type.unwrap_or_default();
    let essence = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let ending = url.path().rsplit_once('.').map(|(_, ending)| ending);
    let by_ending = match ending {
        Some("ts" | "mts") => Some("application/typescript"),
        Some("tsx") => Some("text/tsx"),
        Some("jsx") => Some("text/jsx"),
        Some("js" | "mjs") => Some("text/javascript"),
        Some("json") => Some("application/json"),
        Some("wasm") => Some("application/wasm"),
        _ => None,
    };
    let says_nothing =
        matches!(&*essence, "" | "text/plain" | "application/octet-stream" | "video/mp2t" | "video/vnd.dlna.mpeg-tts");
    let is_plain_script =
        matches!(&*essence, "text/javascript" | "application/javascript" | "application/typescript" | "text/typescript");
    match by_ending {
        Some(mime) if says_nothing => mime.to_owned(),
        // Servers tell TypeScript from TSX by the ending, too.
        Some(mime @ ("text/tsx" | "text/jsx")) if is_plain_script => mime.to_owned(),
        _ => told,
    }
}

/// Requires the permission to load modules from a URL's machine.
async fn permit(gate: &Gate, url: &Url) -> Result<(), HostError> {
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(bad(url, "it names no machine"));
    };
    let host = match host {
        url::Host::Domain(name) => name.to_owned(),
        url::Host::Ipv4(address) => address.to_string(),
        url::Host::Ipv6(address) => address.to_string(),
    };
    gate.permissions().require_net(Kind::Import, &host, port, gate.api(), gate.run()).await
}

fn bad(url: &Url, why: &str) -> HostError {
    errors::error("ERR_NETWORK_IMPORT_BAD_RESPONSE", format!("import of '{url}' failed: {why}"))
}

/// Where what came from the network is kept, unless told otherwise.
pub(super) fn default_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache =
        set("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("drupe").join("modules"))
}
